package ephemera.server.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import ephemera.core.directory.AccessToken;
import ephemera.core.directory.AuthorizationCode;
import ephemera.core.directory.Client;
import ephemera.core.directory.ClientId;
import ephemera.core.directory.Clients;
import ephemera.core.directory.Fingerprint;
import ephemera.core.directory.Issue;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.Person;
import ephemera.core.directory.PersonId;
import ephemera.core.directory.RedirectUri;
import ephemera.core.directory.RefreshToken;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * Clients and the fingerprints of their tokens in PostgreSQL. What every call of an application needs is cached: its
 * token, its client, and whether the client may act in the person's organization. Thread-safe.
 */
public final class PostgresClients implements Clients, Notifications.Listener {

    private static final String COLUMNS =
            "client_id, organization_id, name, person_id, secret_hash, redirects";

    private final Database database;
    private final Cache<ClientId, Client> live =
            Caffeine.newBuilder().maximumSize(10_000).build();
    private final Cache<Fingerprint, AccessToken> tokens =
            Caffeine.newBuilder().maximumSize(200_000).build();
    private final Cache<Reach, Boolean> reached =
            Caffeine.newBuilder().maximumSize(100_000).build();

    private volatile BiConsumer<PersonId, String> whenRevoked = (_, _) -> {};
    private volatile Supplier<Map<String, PersonId>> inUse = Map::of;

    /** A client and an organization in which it may act or not. */
    private record Reach(ClientId client, OrganizationId organization) {}

    /** Makes the store on that database. */
    public PostgresClients(Database database) {
        this.database = database;
    }

    /**
     * Sets who is told of every token that has ended, on whatever process.
     *
     * @param inUse the keys of credentials that the listener would want to hear of, with their owners
     */
    public void whenRevoked(BiConsumer<PersonId, String> listener, Supplier<Map<String, PersonId>> inUse) {
        this.whenRevoked = listener;
        this.inUse = inUse;
    }

    @Override
    public void changed(Notifications.Topic topic, String key) {
        switch (topic) {
            case TOKEN -> {
                String[] words = key.split(" ", 2);
                Fingerprint hash = new Fingerprint(words[0]);
                tokens.invalidate(hash);
                PersonId.parse(words[1])
                        .ifPresent(person -> whenRevoked.accept(person, AccessToken.key(hash)));
            }
            case CLIENT -> {
                String[] words = key.split(" ", 2);
                ClientId.parse(words[0]).ifPresent(id -> {
                    live.invalidate(id);
                    if (words.length > 1) {
                        OrganizationId.parse(words[1]).ifPresent(each -> reached.invalidate(new Reach(id, each)));
                    }
                });
                endRevoked();
            }
            case ORGANIZATION, PERSON, CREDENTIAL, ROOM, WEBHOOK -> {}
        }
    }

    @Override
    public void everythingChanged() {
        live.invalidateAll();
        tokens.invalidateAll();
        reached.invalidateAll();
        endRevoked();
    }

    /** Tells the listener of all tokens in use that have expired, or that were revoked, by themselves or otherwise. */
    public void endRevoked() {
        Map<Fingerprint, PersonId> used = new HashMap<>();
        inUse.get().forEach((key, person) -> AccessToken.ofKey(key).ifPresent(hash -> used.put(hash, person)));
        if (used.isEmpty()) {
            return;
        }
        Set<String> valid = new HashSet<>(database.read(handle -> handle.createQuery(
                """
                        SELECT encode(token_hash, 'hex')
                          FROM access_token
                          JOIN client USING (client_id)
                          JOIN person ON person.person_id = access_token.person_id
                         WHERE token_hash IN (SELECT decode(hex, 'hex') FROM unnest(:hashes) AS hex)
                           AND expires_at > now() AND revoked_at IS NULL
                           AND (person.organization_id = client.organization_id
                                OR EXISTS (SELECT FROM company
                                            WHERE company.organization_id = person.organization_id
                                              AND company.client_id = client.client_id AND active))
                        """)
                .bindArray("hashes", String.class, used.keySet().stream().map(Fingerprint::hex).toList())
                .mapTo(String.class)
                .list()));
        used.forEach((hash, person) -> {
            if (!valid.contains(hash.hex())) {
                whenRevoked.accept(person, AccessToken.key(hash));
            }
        });
    }

    @Override
    public Optional<Client> client(ClientId id) {
        return Optional.ofNullable(live.get(
                id,
                wanted -> database.read(handle -> handle.createQuery(
                        "SELECT " + COLUMNS + " FROM client WHERE client_id = :id AND revoked_at IS NULL")
                        .bind("id", wanted.value())
                        .map(PostgresClients::client)
                        .findOne())
                        .orElse(null)));
    }

    @Override
    public List<Client> of(Optional<OrganizationId> organization) {
        return database.read(handle -> handle.createQuery(
                "SELECT " + COLUMNS
                        + """
                                 FROM client
                                WHERE revoked_at IS NULL
                                  AND (CAST(:organization AS text) IS NULL OR organization_id = :organization)
                                ORDER BY created_at, client_id
                                """)
                .bind("organization", organization.map(OrganizationId::token).orElse(null))
                .map(PostgresClients::client)
                .list());
    }

    private static Client client(ResultSet row, StatementContext context) throws SQLException {
        String[] redirects = (String[]) row.getArray("redirects").getArray();
        return new Client(
                new ClientId(row.getObject("client_id", UUID.class)),
                new OrganizationId(row.getString("organization_id")),
                row.getString("name"),
                new PersonId(row.getObject("person_id", UUID.class)),
                Fingerprint.of(row.getBytes("secret_hash")),
                Arrays.stream(redirects).map(RedirectUri::new).collect(Collectors.toUnmodifiableSet()));
    }

    @Override
    public void add(Client client, Person person) {
        database.change(handle -> {
            PostgresPeople.insert(handle, List.of(person));
            handle.createUpdate(
                    """
                            INSERT INTO client (client_id, organization_id, person_id, name, secret_hash, redirects)
                            VALUES (:id, :organization, :person, :name, :hash, :redirects)
                            """)
                    .bind("id", client.id().value())
                    .bind("organization", client.organization().token())
                    .bind("person", client.person().value())
                    .bind("name", client.name())
                    .bind("hash", client.secret().bytes())
                    .bindArray("redirects", String.class,
                            client.redirects().stream().map(RedirectUri::text).toList())
                    .execute();
            return handle.createUpdate(
                    """
                            INSERT INTO company (company_id, organization_id) VALUES (gen_random_uuid(), :organization)
                            ON CONFLICT (organization_id) DO NOTHING
                            """)
                    .bind("organization", client.organization().token())
                    .execute();
        });
    }

    @Override
    public boolean revoke(ClientId id) {
        boolean revoked = database.change(handle -> {
            Notifications.tell(handle, Notifications.Topic.CLIENT, id.toString());
            int rows = handle.createUpdate(
                    "UPDATE client SET revoked_at = now() WHERE client_id = :id AND revoked_at IS NULL")
                    .bind("id", id.value())
                    .execute();
            // Without a client they are worth nothing already.
            TokenRows.forget(handle, id);
            return rows > 0;
        });
        live.invalidate(id);
        return revoked;
    }

    @Override
    public boolean setSecret(ClientId id, Fingerprint secret) {
        boolean set = database.change(handle -> {
            Notifications.tell(handle, Notifications.Topic.CLIENT, id.toString());
            return handle.createUpdate(
                    "UPDATE client SET secret_hash = :hash WHERE client_id = :id AND revoked_at IS NULL")
                    .bind("hash", secret.bytes())
                    .bind("id", id.value())
                    .execute();
        }) > 0;
        live.invalidate(id);
        return set;
    }

    @Override
    public boolean reaches(Client client, OrganizationId organization) {
        return client.organization().equals(organization)
                || Boolean.TRUE.equals(reached.get(
                        new Reach(client.id(), organization),
                        wanted -> database.read(handle -> handle.createQuery(
                                """
                                        SELECT EXISTS (SELECT FROM company
                                                        WHERE organization_id = :organization
                                                          AND client_id = :client AND active)
                                        """)
                                .bind("organization", wanted.organization().token())
                                .bind("client", wanted.client().value())
                                .mapTo(Boolean.class)
                                .one())));
    }

    /** Tells all processes that a client may act in an organization from now on, or may not any more. */
    static void tellReach(Handle handle, ClientId client, OrganizationId organization) {
        Notifications.tell(handle, Notifications.Topic.CLIENT, client + " " + organization);
    }

    /** Forgets whether a client may act in an organization, before that is heard of. */
    void forgetReach(ClientId client, OrganizationId organization) {
        reached.invalidate(new Reach(client, organization));
    }

    @Override
    public Optional<PersonId> user(Client client, String externalId) {
        return database.read(handle -> handle.createQuery(
                """
                        SELECT person_id FROM person
                         WHERE external_id = :external AND standing <> 'CONTACT'
                           AND organization_id IN (SELECT :organization
                                                    UNION ALL
                                                   SELECT organization_id FROM company
                                                    WHERE client_id = :client AND active)
                         ORDER BY organization_id <> :organization, created_at, person_id
                         LIMIT 1
                        """)
                .bind("external", externalId)
                .bind("organization", client.organization().token())
                .bind("client", client.id().value())
                .mapTo(UUID.class)
                .findOne()
                .map(PersonId::new));
    }

    @Override
    public Optional<AccessToken> access(Fingerprint hash) {
        return Optional.ofNullable(tokens.get(
                hash, wanted -> database.read(handle -> TokenRows.access(handle, wanted)).orElse(null)));
    }

    @Override
    public void add(AccessToken token) {
        database.change(handle -> TokenRows.add(handle, token));
    }

    @Override
    public void add(AuthorizationCode code) {
        database.change(handle -> TokenRows.add(handle, code));
    }

    @Override
    public Optional<Issue> redeem(
            Fingerprint code, ClientId client, Function<AuthorizationCode, Optional<Issue>> next) {
        List<Fingerprint> ended = new ArrayList<>();
        Optional<Issue> issue = database.change(handle -> TokenRows.use(
                handle, TokenRows.code(handle, code, client), AuthorizationCode::family,
                () -> TokenRows.markCode(handle, code), next, ended));
        ended.forEach(tokens::invalidate);
        return issue;
    }

    @Override
    public Optional<Issue> rotate(Fingerprint refresh, ClientId client, Function<RefreshToken, Optional<Issue>> next) {
        List<Fingerprint> ended = new ArrayList<>();
        Optional<Issue> issue = database.change(handle -> TokenRows.use(
                handle, TokenRows.refresh(handle, refresh, client), RefreshToken::family,
                () -> TokenRows.markRefresh(handle, refresh), next, ended));
        ended.forEach(tokens::invalidate);
        return issue;
    }

    @Override
    public boolean revoke(Fingerprint token, ClientId client) {
        List<Fingerprint> ended = new ArrayList<>();
        boolean revoked = database.change(handle -> {
            Optional<TokenRows.Once<RefreshToken>> refresh = TokenRows.refresh(handle, token, client);
            ended.addAll(refresh.map(once -> TokenRows.endFamily(handle, once.row().family()))
                    .orElseGet(() -> TokenRows.remove(handle, token, client)));
            return refresh.isPresent() || !ended.isEmpty();
        });
        // The notification does the same a moment later; whoever revoked it must not get in meanwhile.
        ended.forEach(tokens::invalidate);
        return revoked;
    }
}
