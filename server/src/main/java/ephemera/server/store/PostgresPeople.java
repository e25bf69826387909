package ephemera.server.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import ephemera.core.Lifespan;
import ephemera.core.directory.Address;
import ephemera.core.directory.Organization;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.People;
import ephemera.core.directory.Person;
import ephemera.core.directory.PersonId;
import ephemera.core.directory.Policy;
import ephemera.core.directory.Profile;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jdbi.v3.core.statement.StatementContext;

/** Organizations and people in PostgreSQL, behind caches. Thread-safe. */
public final class PostgresPeople implements People, Notifications.Listener {

    private static final String COLUMNS =
            """
            person_id, organization_id, standing, display_name, first_name, last_name, status, title, department,
            do_not_disturb, do_not_disturb_text, avatar, email, phone, username, external_id, role
            """;

    private static final String ORGANIZATION_COLUMNS =
            """
            organization_id, name, lifespan_standard, lifespan_shortest, lifespan_longest, delete_on_read, forwarding,
            attachments, kept, strict
            """;

    private final Database database;
    private final Json json;
    private final Cache<PersonId, Person> people =
            Caffeine.newBuilder().maximumSize(200_000).build();
    private final Cache<String, PersonId> byAddress =
            Caffeine.newBuilder().maximumSize(200_000).build();
    private final Cache<OrganizationId, Organization> organizations =
            Caffeine.newBuilder().maximumSize(10_000).build();

    /** Makes the store on that database. */
    public PostgresPeople(Database database, Json json) {
        this.database = database;
        this.json = json;
    }

    @Override
    public void changed(Notifications.Topic topic, String key) {
        switch (topic) {
            case PERSON -> PersonId.parse(key).ifPresent(this::forget);
            case ORGANIZATION -> OrganizationId.parse(key).ifPresent(organizations::invalidate);
            case CREDENTIAL, ROOM, CLIENT, TOKEN, WEBHOOK -> {}
        }
    }

    @Override
    public void everythingChanged() {
        people.invalidateAll();
        byAddress.invalidateAll();
        organizations.invalidateAll();
    }

    private void forget(PersonId id) {
        people.invalidate(id);
    }

    @Override
    public Optional<Organization> organization(OrganizationId id) {
        return Optional.ofNullable(organizations.get(
                id,
                key -> database.read(handle -> handle.createQuery(
                        "SELECT " + ORGANIZATION_COLUMNS + " FROM organization WHERE organization_id = :id")
                        .bind("id", key.token())
                        .map(PostgresPeople::organization)
                        .findOne())
                        .orElse(null)));
    }

    @Override
    public List<Organization> organizations() {
        return database.read(handle -> handle.createQuery(
                "SELECT " + ORGANIZATION_COLUMNS + " FROM organization ORDER BY lower(name), organization_id")
                .map(PostgresPeople::organization)
                .list());
    }

    private static Organization organization(ResultSet row, StatementContext context) throws SQLException {
        return new Organization(
                new OrganizationId(row.getString("organization_id")),
                row.getString("name"),
                new Policy(
                        new Lifespan(row.getInt("lifespan_standard")),
                        new Lifespan(row.getInt("lifespan_shortest")),
                        new Lifespan(row.getInt("lifespan_longest")),
                        row.getBoolean("delete_on_read"),
                        row.getBoolean("forwarding"),
                        row.getBoolean("attachments"),
                        row.getBoolean("kept"),
                        row.getBoolean("strict")));
    }

    @Override
    public int memberCount(OrganizationId id) {
        return database.read(handle -> handle.createQuery(
                "SELECT count(*) FROM person WHERE organization_id = :id AND standing <> 'CONTACT'")
                .bind("id", id.token())
                .mapTo(Integer.class)
                .one());
    }

    @Override
    public void add(Organization organization) {
        database.change(handle -> insert(handle, organization));
        organizations.invalidate(organization.id());
    }

    /** Adds an organization in the transaction of that handle. */
    static int insert(Handle handle, Organization organization) {
        return write(
                handle,
                organization,
                """
                INSERT INTO organization (organization_id, name, lifespan_standard, lifespan_shortest, lifespan_longest,
                                          delete_on_read, forwarding, attachments, kept, strict)
                VALUES (:id, :name, :standard, :shortest, :longest, :deleteOnRead, :forwarding, :attachments, :kept,
                        :strict)
                """);
    }

    @Override
    public void update(Organization organization) {
        database.change(handle -> write(
                handle,
                organization,
                """
                UPDATE organization
                   SET name = :name, lifespan_standard = :standard, lifespan_shortest = :shortest,
                       lifespan_longest = :longest, delete_on_read = :deleteOnRead, forwarding = :forwarding,
                       attachments = :attachments, kept = :kept, strict = :strict
                 WHERE organization_id = :id
                """));
        organizations.invalidate(organization.id());
    }

    private static int write(Handle handle, Organization organization, String sql) {
        Policy policy = organization.policy();
        Notifications.tell(handle, Notifications.Topic.ORGANIZATION, organization.id().token());
        return handle.createUpdate(sql)
                .bind("id", organization.id().token())
                .bind("name", organization.name())
                .bind("standard", policy.standard().minutes())
                .bind("shortest", policy.shortest().minutes())
                .bind("longest", policy.longest().minutes())
                .bind("deleteOnRead", policy.deleteOnRead())
                .bind("forwarding", policy.forwarding())
                .bind("attachments", policy.attachments())
                .bind("kept", policy.kept())
                .bind("strict", policy.strict())
                .execute();
    }

    @Override
    public Optional<Person> person(PersonId id) {
        return Optional.ofNullable(people.get(
                id,
                key -> database.read(handle -> handle.createQuery(
                        "SELECT " + COLUMNS + " FROM person WHERE person_id = :id")
                        .bind("id", key.value())
                        .map(PersonRow::read)
                        .findOne())
                        .orElse(null)));
    }

    @Override
    public Optional<Person> find(OrganizationId organization, Address address) {
        return switch (address) {
            case Address.Token(UUID token) ->
                    person(new PersonId(token)).filter(person -> person.organization().equals(organization));
            case Address.Email(String text) -> findCached(organization, "email = :text", text);
            case Address.Phone(String text) -> findCached(organization, "phone = :text", text);
            case Address.Username(String text) -> findCached(organization, "username = :text", text);
        };
    }

    // One statement for each form: one for all of them would be planned without its index.
    private Optional<Person> findCached(OrganizationId organization, String condition, String text) {
        String key = organization.token() + " " + text;
        Optional<Person> known = Optional.ofNullable(byAddress.getIfPresent(key)).flatMap(this::person);
        if (known.isPresent() && hasAddress(known.get(), text)) {
            return known;
        }
        Optional<Person> found = database.read(handle -> handle.createQuery(
                "SELECT " + COLUMNS + " FROM person WHERE organization_id = :organization AND " + condition)
                .bind("organization", organization.token())
                .bind("text", text)
                .map(PersonRow::read)
                .findOne());
        found.ifPresent(person -> byAddress.put(key, person.id()));
        return found;
    }

    private static boolean hasAddress(Person person, String text) {
        return person.email().filter(email -> email.text().equals(text)).isPresent()
                || person.phone().filter(phone -> phone.text().equals(text)).isPresent()
                || person.username().filter(name -> name.text().equals(text)).isPresent();
    }

    @Override
    public Optional<Person> signingIn(Address address) {
        return database.read(handle -> handle.createQuery(
                "SELECT " + COLUMNS
                        + """
                                 FROM person
                                WHERE standing <> 'CONTACT' AND (email = :text OR phone = :text OR username = :text)
                                """)
                .bind("text", address.text())
                .map(PersonRow::read)
                .findOne());
    }

    @Override
    public void add(Collection<Person> added) {
        database.change(handle -> insert(handle, added));
    }

    /** Adds people in the transaction of that handle. */
    static int[] insert(Handle handle, Collection<Person> added) {
        PreparedBatch batch = handle.prepareBatch(
                """
                INSERT INTO person (person_id, organization_id, standing, display_name, first_name, last_name,
                                    status, title, department, do_not_disturb, do_not_disturb_text, avatar,
                                    email, phone, username, external_id, role)
                VALUES (:id, :organization, :standing, :displayName, :firstName, :lastName,
                        :status, :title, :department, :doNotDisturb, :doNotDisturbText, :avatar::uuid,
                        :email, :phone, :username, :externalId, :role)
                """);
        for (Person person : added) {
            bind(batch, person.profile())
                    .bind("id", person.id().value())
                    .bind("organization", person.organization().token())
                    .bind("standing", person.standing().name())
                    .bind("email", person.email().map(Address.Email::text).orElse(null))
                    .bind("phone", person.phone().map(Address.Phone::text).orElse(null))
                    .bind("username", person.username().map(Address.Username::text).orElse(null))
                    .bind("externalId", person.externalId().orElse(null))
                    .bind("role", person.role().map(Person.Role::name).orElse(null))
                    .add();
        }
        return batch.execute();
    }

    private static <S extends SqlStatement<S>> S bind(S statement, Profile profile) {
        return statement
                .bind("displayName", profile.displayName())
                .bind("firstName", profile.firstName())
                .bind("lastName", profile.lastName())
                .bind("status", profile.status())
                .bind("title", profile.title())
                .bind("department", profile.department())
                .bind("doNotDisturb", profile.doNotDisturb())
                .bind("doNotDisturbText", profile.doNotDisturbText())
                .bind("avatar", profile.avatar().orElse(null));
    }

    @Override
    public void update(PersonId id, Profile profile) {
        database.change(handle -> {
            Notifications.tell(handle, Notifications.Topic.PERSON, id.toString());
            return write(handle, id, profile);
        });
        forget(id);
    }

    @Override
    public List<PersonId> participants(OrganizationId organization, int limit) {
        return database.read(handle -> handle.createQuery(
                """
                        SELECT person_id FROM person
                         WHERE organization_id = :organization AND standing <> 'CONTACT'
                           AND NOT EXISTS (SELECT FROM client WHERE client.person_id = person.person_id)
                           AND (standing = 'ADMINISTRATOR' OR role IS NOT NULL
                                OR (SELECT count(*) FROM person
                                     WHERE organization_id = :organization AND standing <> 'CONTACT') <= :limit)
                         ORDER BY person_id LIMIT :limit
                        """)
                .bind("organization", organization.token())
                .bind("limit", limit)
                .map((row, _) -> new PersonId(row.getObject("person_id", UUID.class)))
                .list());
    }

    @Override
    public void promote(Person member) {
        database.change(handle -> {
            Notifications.tell(handle, Notifications.Topic.PERSON, member.id().toString());
            // Snapshots of groups tell members from contacts.
            handle.createQuery("SELECT conversation_id FROM membership WHERE person_id = :id AND left_at IS NULL")
                    .bind("id", member.id().value())
                    .mapTo(String.class)
                    .forEach(room -> Notifications.tell(handle, Notifications.Topic.ROOM, room));
            handle.createUpdate(
                    """
                            UPDATE person SET standing = :standing, email = :email, phone = :phone, username = :username
                             WHERE person_id = :id
                            """)
                    .bind("standing", member.standing().name())
                    .bind("email", member.email().map(Address.Email::text).orElse(null))
                    .bind("phone", member.phone().map(Address.Phone::text).orElse(null))
                    .bind("username", member.username().map(Address.Username::text).orElse(null))
                    .bind("id", member.id().value())
                    .execute();
            return write(handle, member.id(), member.profile());
        });
        forget(member.id());
    }

    private static int write(Handle handle, PersonId id, Profile profile) {
        return bind(
                handle.createUpdate(
                        """
                                UPDATE person
                                   SET display_name = :displayName, first_name = :firstName, last_name = :lastName,
                                       status = :status, title = :title, department = :department,
                                       do_not_disturb = :doNotDisturb, do_not_disturb_text = :doNotDisturbText,
                                       avatar = :avatar::uuid
                                 WHERE person_id = :id
                                """),
                profile)
                .bind("id", id.value())
                .execute();
    }

    @Override
    public Optional<String> passwordHash(PersonId id) {
        return database.read(handle -> handle.createQuery(
                "SELECT password_hash FROM person WHERE person_id = :id AND password_hash IS NOT NULL")
                .bind("id", id.value())
                .mapTo(String.class)
                .findOne());
    }

    @Override
    public void setPasswordHash(PersonId id, String hash) {
        database.change(handle -> handle.createUpdate("UPDATE person SET password_hash = :hash WHERE person_id = :id")
                .bind("hash", hash)
                .bind("id", id.value())
                .execute());
    }

    private static final String SEARCHED =
            """
             FROM person
            WHERE organization_id = :organization
              AND (strpos(lower(display_name), :text) > 0 OR strpos(coalesce(email, ''), :text) > 0
                   OR strpos(coalesce(phone, ''), :text) > 0 OR strpos(coalesce(username, ''), :text) > 0)
            """;

    @Override
    public List<Person> search(OrganizationId organization, String text, int offset, int limit) {
        return database.read(handle -> handle.createQuery(
                "SELECT " + COLUMNS + SEARCHED
                        + " ORDER BY lower(display_name), person_id OFFSET :offset LIMIT :limit")
                .bind("organization", organization.token())
                .bind("text", text.toLowerCase(Locale.ROOT))
                .bind("offset", offset)
                .bind("limit", limit)
                .map(PersonRow::read)
                .list());
    }

    @Override
    public int searchCount(OrganizationId organization, String text) {
        return database.read(handle -> handle.createQuery("SELECT count(*)" + SEARCHED)
                .bind("organization", organization.token())
                .bind("text", text.toLowerCase(Locale.ROOT))
                .mapTo(Integer.class)
                .one());
    }

    @Override
    public boolean isAvatar(UUID blob) {
        return database.read(handle -> handle.createQuery(
                """
                        SELECT EXISTS (SELECT FROM person WHERE avatar = :blob)
                            OR EXISTS (SELECT FROM conversation WHERE avatar = :blob AND NOT deleted)
                        """)
                .bind("blob", blob)
                .mapTo(Boolean.class)
                .one());
    }

    @Override
    public Map<String, String> metadata(UUID entity) {
        return database.read(handle -> handle.createQuery("SELECT fields FROM metadata WHERE entity_id = :id")
                .bind("id", entity)
                .mapTo(String.class)
                .findOne()
                .map(json::readTexts)
                .orElse(Map.of()));
    }

    @Override
    public void setMetadata(OrganizationId organization, UUID entity, Map<String, String> fields) {
        database.change(handle -> handle.createUpdate(
                """
                        INSERT INTO metadata (entity_id, organization_id, fields)
                        SELECT :id, :organization, :fields::jsonb
                         WHERE NOT EXISTS (SELECT FROM conversation WHERE conversation_id = :id AND deleted)
                        ON CONFLICT (entity_id) DO UPDATE SET fields = excluded.fields
                        """)
                .bind("id", entity)
                .bind("organization", organization.token())
                .bind("fields", json.writeTexts(fields))
                .execute());
    }
}
