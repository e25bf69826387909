package ephemera.server.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import ephemera.core.Failure;
import ephemera.core.directory.AccessToken;
import ephemera.core.directory.Credential;
import ephemera.core.directory.Credentials;
import ephemera.core.directory.PersonId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.StatementContext;

/** Keys and the hashes of their secrets in PostgreSQL, behind a cache. Thread-safe. */
public final class PostgresCredentials implements Credentials, Notifications.Listener {

    private static final String COLUMNS = "key, secret_hash, person_id, kind, resource, opened_with";

    private final Database database;
    private final Cache<String, Credential> live =
            Caffeine.newBuilder().maximumSize(200_000).build();

    private volatile BiConsumer<PersonId, String> whenRevoked = (_, _) -> {};
    private volatile Supplier<Map<String, PersonId>> inUse = Map::of;

    /** Makes the store on that database. */
    public PostgresCredentials(Database database) {
        this.database = database;
    }

    /**
     * Sets who is told of every key that is revoked, by whatever process.
     *
     * @param inUse which keys the listener would want to hear of, with their owners: those that were revoked while no
     *     notification could be heard are found among them
     */
    public void whenRevoked(BiConsumer<PersonId, String> listener, Supplier<Map<String, PersonId>> inUse) {
        this.whenRevoked = listener;
        this.inUse = inUse;
    }

    @Override
    public void changed(Notifications.Topic topic, String key) {
        if (topic == Notifications.Topic.CREDENTIAL) {
            String[] words = key.split(" ", 2);
            live.invalidate(words[0]);
            PersonId.parse(words[1]).ifPresent(person -> whenRevoked.accept(person, words[0]));
        }
    }

    @Override
    public void everythingChanged() {
        live.invalidateAll();
        endRevoked();
    }

    /** Tells the listener of all keys in use that were revoked, also if no notification of that was heard. */
    public void endRevoked() {
        Map<String, PersonId> used = new HashMap<>(inUse.get());
        used.keySet().removeIf(key -> AccessToken.ofKey(key).isPresent());
        if (used.isEmpty()) {
            return;
        }
        Set<String> valid = new HashSet<>(database.read(
                handle -> handle.createQuery("SELECT key FROM credential WHERE key = ANY (:keys)")
                        .bindArray("keys", String.class, used.keySet())
                        .mapTo(String.class)
                        .list()));
        used.forEach((key, person) -> {
            if (!valid.contains(key)) {
                live.invalidate(key);
                whenRevoked.accept(person, key);
            }
        });
    }

    @Override
    public Optional<Credential> credential(String key) {
        if (key.isEmpty() || key.length() > 100) {
            return Optional.empty();
        }
        return Optional.ofNullable(live.get(
                key,
                wanted -> database.read(handle -> handle.createQuery(
                        "SELECT " + COLUMNS + " FROM credential WHERE key = :key")
                        .bind("key", wanted)
                        .map(PostgresCredentials::credential)
                        .findOne())
                        .orElse(null)));
    }

    @Override
    public List<Listed> of(PersonId person) {
        return database.read(handle -> handle.createQuery(
                "SELECT " + COLUMNS
                        + ", created_at FROM credential WHERE person_id = :person ORDER BY created_at, key")
                .bind("person", person.value())
                .map((row, context) -> new Listed(
                        credential(row, context), MessageRow.instant(row, "created_at")))
                .list());
    }

    private static Credential credential(ResultSet row, StatementContext context) throws SQLException {
        return new Credential(
                row.getString("key"),
                row.getBytes("secret_hash"),
                new PersonId(row.getObject("person_id", UUID.class)),
                Credential.Kind.valueOf(row.getString("kind")),
                row.getString("resource"),
                Optional.ofNullable(row.getString("opened_with")));
    }

    @Override
    public void add(Collection<Credential> credentials) {
        database.change(handle -> {
            requireOpeners(handle, credentials);
            PreparedBatch batch = handle.prepareBatch(
                    """
                    INSERT INTO credential (key, secret_hash, person_id, kind, resource, opened_with)
                    VALUES (:key, :hash, :person, :kind, :resource, :openedWith)
                    """);
            for (Credential credential : credentials) {
                batch.bind("key", credential.key())
                        .bind("hash", credential.secretHash())
                        .bind("person", credential.person().value())
                        .bind("kind", credential.kind().name())
                        .bind("resource", credential.resource())
                        .bind("openedWith", credential.openedWith().orElse(null))
                        .add();
            }
            return batch.execute();
        });
    }

    /** Who revokes a key waits until the sessions that it is opening are stored, and so finds them all. */
    private static void requireOpeners(Handle handle, Collection<Credential> credentials) {
        Set<String> openers = credentials.stream()
                .flatMap(credential -> credential.openedWith().stream())
                .collect(Collectors.toSet());
        if (openers.isEmpty()) {
            return;
        }
        int live = handle.createQuery("SELECT key FROM credential WHERE key = ANY (:openers) FOR KEY SHARE")
                .bindArray("openers", String.class, openers)
                .mapTo(String.class)
                .list()
                .size();
        if (live < openers.size()) {
            throw Failure.WRONG_CREDENTIALS.refused();
        }
    }

    @Override
    public boolean revoke(String key) {
        return !revoked(database.change(handle -> told(
                handle,
                handle.createQuery("DELETE FROM credential WHERE key = :key RETURNING key, person_id")
                        .bind("key", key)
                        .map((row, _) -> Revoked.of(row))
                        .list())))
                .isEmpty();
    }

    @Override
    public int revokeSessions(PersonId person) {
        return revoked(database.change(handle -> told(
                handle,
                handle.createQuery(
                        """
                                        DELETE FROM credential WHERE person_id = :person AND kind = 'SESSION'
                                        RETURNING key, person_id
                                        """)
                        .bind("person", person.value())
                        .map((row, _) -> Revoked.of(row))
                        .list())))
                .size();
    }

    private record Revoked(String key, PersonId person) {

        static Revoked of(ResultSet row) throws SQLException {
            return new Revoked(row.getString("key"), new PersonId(row.getObject("person_id", UUID.class)));
        }
    }

    /** Ends also the sessions that were opened with what was revoked, and with these, and tells all processes. */
    private static List<Revoked> told(Handle handle, List<Revoked> first) {
        List<Revoked> all = new ArrayList<>();
        for (List<Revoked> some = first; !some.isEmpty(); some = openedWith(handle, some)) {
            all.addAll(some);
        }
        all.forEach(each -> Notifications.tell(
                handle, Notifications.Topic.CREDENTIAL, each.key() + " " + each.person()));
        return all;
    }

    private static List<Revoked> openedWith(Handle handle, List<Revoked> revoked) {
        return handle.createQuery("DELETE FROM credential WHERE opened_with = ANY (:keys) RETURNING key, person_id")
                .bindArray("keys", String.class, revoked.stream().map(Revoked::key).toList())
                .map((row, _) -> Revoked.of(row))
                .list();
    }

    private List<Revoked> revoked(List<Revoked> revoked) {
        // The notification does the same a moment later; whoever signed out must not get in meanwhile.
        revoked.forEach(each -> live.invalidate(each.key()));
        return revoked;
    }
}
