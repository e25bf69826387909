package ephemera.server.store;

import ephemera.core.directory.Client;
import ephemera.core.directory.ClientId;
import ephemera.core.directory.Company;
import ephemera.core.directory.CompanyRegister;
import ephemera.core.directory.Organization;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.Person;
import ephemera.core.directory.PersonId;
import ephemera.core.directory.Policy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** Companies and people's roles in PostgreSQL. Thread-safe. */
public final class PostgresCompanies implements CompanyRegister {

    private static final String SELECT =
            """
            SELECT company_id, organization_id, organization.name, entity_type, api_company_id, client_id, active,
                   company.created_at
              FROM company JOIN organization USING (organization_id)
            """;

    private static final UUID FIRST = new UUID(0, 0);

    private final Database database;
    private final PostgresClients clients;
    private final PostgresPeople people;

    /** Makes the store on that database, beside those whose caches it drops. */
    public PostgresCompanies(Database database, PostgresClients clients, PostgresPeople people) {
        this.database = database;
        this.clients = clients;
        this.people = people;
    }

    @Override
    public Optional<Company> company(UUID id) {
        return database.read(handle -> handle.createQuery(SELECT + " WHERE company_id = :id")
                .bind("id", id)
                .map(PostgresCompanies::company)
                .findOne());
    }

    @Override
    public Optional<Company> of(OrganizationId organization) {
        return database.read(handle -> handle.createQuery(SELECT + " WHERE organization_id = :organization")
                .bind("organization", organization.token())
                .map(PostgresCompanies::company)
                .findOne());
    }

    @Override
    public List<Company> of(Client client, String name, Part part) {
        List<Company> found = database.read(handle -> handle.createQuery(
                SELECT
                        + """
                                 WHERE strpos(lower(organization.name), :name) > 0
                                   AND (company.client_id = :client OR organization_id = :organization)
                                """
                        + (part.backward() ? " AND company_id < :from ORDER BY company_id DESC LIMIT :limit"
                                : " AND company_id > :from ORDER BY company_id LIMIT :limit"))
                .bind("from", part.from().orElse(FIRST))
                .bind("name", name.toLowerCase(Locale.ROOT))
                .bind("client", client.id().value())
                .bind("organization", client.organization().token())
                .bind("limit", part.limit())
                .map(PostgresCompanies::company)
                .list());
        return part.backward() ? found.reversed() : found;
    }

    @Override
    public Optional<Company> named(Client client, String apiCompanyId) {
        return database.read(handle -> handle.createQuery(
                SELECT
                        + """
                                 WHERE api_company_id = :name
                                   AND (company.client_id = :client OR organization_id = :organization)
                                 ORDER BY company_id
                                 LIMIT 1
                                """)
                .bind("name", apiCompanyId)
                .bind("client", client.id().value())
                .bind("organization", client.organization().token())
                .map(PostgresCompanies::company)
                .findOne());
    }

    private static Company company(ResultSet row, StatementContext context) throws SQLException {
        return new Company(
                row.getObject("company_id", UUID.class),
                new OrganizationId(row.getString("organization_id")),
                row.getString("name"),
                row.getString("entity_type"),
                Optional.ofNullable(row.getString("api_company_id")),
                Optional.ofNullable(row.getObject("client_id", UUID.class)).map(ClientId::new),
                row.getBoolean("active"),
                MessageRow.instant(row, "created_at"));
    }

    @Override
    public void add(Company company, Policy policy, List<Person> owners) {
        database.change(handle -> {
            PostgresPeople.insert(handle, new Organization(company.organization(), company.name(), policy));
            handle.createUpdate(
                    """
                            INSERT INTO company (company_id, organization_id, client_id, api_company_id, entity_type,
                                                 active, created_at)
                            VALUES (:id, :organization, :client::uuid, :apiId, :type, :active, :created)
                            """)
                    .bind("id", company.id())
                    .bind("organization", company.organization().token())
                    .bind("client", company.creator().map(ClientId::value).orElse(null))
                    .bind("apiId", company.apiCompanyId().orElse(null))
                    .bind("type", company.entityType())
                    .bind("active", company.active())
                    .bind("created", company.createdAt().atOffset(ZoneOffset.UTC))
                    .execute();
            company.creator().ifPresent(
                    client -> PostgresClients.tellReach(handle, client, company.organization()));
            return PostgresPeople.insert(handle, owners);
        });
    }

    @Override
    public void update(Company company) {
        database.change(handle -> {
            Notifications.tell(handle, Notifications.Topic.ORGANIZATION, company.organization().token());
            handle.createUpdate("UPDATE organization SET name = :name WHERE organization_id = :organization")
                    .bind("name", company.name())
                    .bind("organization", company.organization().token())
                    .execute();
            return handle.createUpdate(
                    """
                            UPDATE company SET entity_type = :type, api_company_id = :apiId WHERE company_id = :id
                            """)
                    .bind("type", company.entityType())
                    .bind("apiId", company.apiCompanyId().orElse(null))
                    .bind("id", company.id())
                    .execute();
        });
        people.changed(Notifications.Topic.ORGANIZATION, company.organization().token());
    }

    @Override
    public void close(Company company) {
        database.change(handle -> {
            company.creator().ifPresent(
                    client -> PostgresClients.tellReach(handle, client, company.organization()));
            return handle.createUpdate("UPDATE company SET active = false WHERE company_id = :id")
                    .bind("id", company.id())
                    .execute();
        });
        company.creator().ifPresent(client -> clients.forgetReach(client, company.organization()));
    }

    @Override
    public List<Person> people(OrganizationId organization, Person.Role role, Part part) {
        List<UUID> found = database.read(handle -> handle.createQuery(
                "SELECT person_id FROM person WHERE organization_id = :organization AND role = :role AND "
                        + (part.backward() ? "person_id < :from ORDER BY person_id DESC LIMIT :limit"
                                : "person_id > :from ORDER BY person_id LIMIT :limit"))
                .bind("organization", organization.token())
                .bind("role", role.name())
                .bind("from", part.from().orElse(FIRST))
                .bind("limit", part.limit())
                .mapTo(UUID.class)
                .list());
        return (part.backward() ? found.reversed() : found).stream()
                .flatMap(id -> people.person(new PersonId(id)).stream()).toList();
    }

    @Override
    public void add(Person person) {
        people.add(List.of(person));
    }

    @Override
    public void update(Person person) {
        database.change(handle -> {
            tell(handle, person.id());
            return handle.createUpdate(
                    """
                            UPDATE person
                               SET display_name = :displayName, first_name = :firstName, last_name = :lastName,
                                   external_id = :externalId, role = :role
                             WHERE person_id = :id
                            """)
                    .bind("displayName", person.profile().displayName())
                    .bind("firstName", person.profile().firstName())
                    .bind("lastName", person.profile().lastName())
                    .bind("externalId", person.externalId().orElse(null))
                    .bind("role", person.role().map(Person.Role::name).orElse(null))
                    .bind("id", person.id().value())
                    .execute();
        });
        people.changed(Notifications.Topic.PERSON, person.id().toString());
    }

    private static void tell(Handle handle, PersonId person) {
        Notifications.tell(handle, Notifications.Topic.PERSON, person.toString());
    }
}
