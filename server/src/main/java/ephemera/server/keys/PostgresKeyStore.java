package ephemera.server.keys;

import ephemera.core.vault.Slice;
import ephemera.server.StartFailure;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Keys in a PostgreSQL of their own, for several nodes.
 *
 * <p>PostgreSQL never overwrites: {@link #settle} writes the table anew and gives up the old file. Its log has earlier
 * versions, sealed with the root key, until the checkpoint after next lets go of those parts of it. That is the bound
 * within which a destroyed key is really gone: twice {@code checkpoint_timeout}, with {@code wal_recycle} off.
 * Thread-safe, and safe for several processes.
 */
public final class PostgresKeyStore extends SealedKeyStore {

    private final KeyDatabase database;

    private PostgresKeyStore(KeyDatabase database, RootKey root) {
        super(root);
        this.database = database;
    }

    /**
     * Opens the store in that database, which stays the caller's to close.
     *
     * @throws StartFailure if what it holds was sealed with another root key
     */
    public static PostgresKeyStore open(KeyDatabase database, RootKey root) {
        PostgresKeyStore store = openForChange(database, root);
        boolean own = database.with(connection -> holds(connection, root));
        boolean other = store.foreign().stream()
                .anyMatch(slot -> store.load(slot).filter(Envelope::isWhole).isPresent());
        store.requireRoot(own, other, "the database");
        return store;
    }

    /** Opens the store under the root key to come, whatever has sealed it; otherwise as {@link #open}. */
    static PostgresKeyStore openForChange(KeyDatabase database, RootKey root) {
        return new PostgresKeyStore(database, root);
    }

    private static boolean holds(Connection connection, RootKey root) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                """
                        SELECT EXISTS (SELECT FROM key_secret WHERE substr(sealed, 6, 8) = ?)
                            OR EXISTS (SELECT FROM key_tree WHERE substr(sealed, 6, 8) = ?)
                        """)) {
            statement.setBytes(1, root.id());
            statement.setBytes(2, root.id());
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() && rows.getBoolean(1);
            }
        }
    }

    /** Some places that claim to be sealed with another root key. */
    private List<Slot> foreign() {
        return database.with(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    """
                            SELECT name, NULL::bigint, NULL::bigint
                              FROM key_secret
                             WHERE substr(sealed, 6, 8) <> ?
                             UNION ALL
                            SELECT NULL, slice, tree
                              FROM key_tree
                             WHERE substr(sealed, 6, 8) <> ?
                             LIMIT 100
                            """)) {
                statement.setBytes(1, root().id());
                statement.setBytes(2, root().id());
                return slots(statement);
            }
        });
    }

    /** The places that a query names: of secrets first the name, of trees slice and tree. */
    private static List<Slot> slots(PreparedStatement statement) throws SQLException {
        List<Slot> slots = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                Optional<String> name = Optional.ofNullable(rows.getString(1));
                if (name.isPresent()) {
                    slots.add(new Slot.Secret(name.get()));
                } else {
                    long tree = rows.getLong(3);
                    Slice.ofCode(rows.getLong(2)).ifPresent(slice -> slots.add(new Slot.Tree(slice, tree)));
                }
            }
        }
        return slots;
    }

    private static Optional<byte[]> bytes(PreparedStatement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            return rows.next() ? Optional.of(rows.getBytes(1)) : Optional.empty();
        }
    }

    @Override
    String place(Slot slot) {
        return switch (slot) {
            case Slot.Tree(Slice slice, long number) -> "The tree " + number + " of " + slice + " in the database";
            case Slot.Secret(String name) -> "The secret " + name + " in the database";
        };
    }

    @Override
    Optional<byte[]> load(Slot slot) {
        return database.with(connection -> load(connection, slot));
    }

    private static Optional<byte[]> load(Connection connection, Slot slot) throws SQLException {
        return switch (slot) {
            case Slot.Tree(Slice slice, long number) -> {
                try (PreparedStatement statement = connection.prepareStatement(
                        "SELECT sealed FROM key_tree WHERE slice = ? AND tree = ?")) {
                    statement.setLong(1, slice.code());
                    statement.setLong(2, number);
                    yield bytes(statement);
                }
            }
            case Slot.Secret(String name) -> {
                try (PreparedStatement statement =
                        connection.prepareStatement("SELECT sealed FROM key_secret WHERE name = ?")) {
                    statement.setString(1, name);
                    yield bytes(statement);
                }
            }
        };
    }

    @Override
    boolean store(Slot slot, byte[] envelope, long expectedVersion) {
        return database.with(connection -> switch (slot) {
            case Slot.Tree tree when expectedVersion == 0 -> insert(connection, tree, envelope);
            case Slot.Tree tree -> update(connection, tree, envelope, expectedVersion);
            case Slot.Secret secret -> insert(connection, secret, envelope);
        });
    }

    private boolean insert(Connection connection, Slot.Tree tree, byte[] envelope) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                """
                        INSERT INTO key_tree (slice, tree, version, sealed)
                        SELECT ?, ?, ?, ?
                         WHERE NOT EXISTS (SELECT FROM key_secret WHERE substr(sealed, 6, 8) <> ?)
                            ON CONFLICT DO NOTHING
                        """)) {
            statement.setLong(1, tree.slice().code());
            statement.setLong(2, tree.number());
            statement.setLong(3, Envelope.version(envelope, place(tree)));
            statement.setBytes(4, envelope);
            statement.setBytes(5, root().id());
            return statement.executeUpdate() == 1 || refused(connection);
        }
    }

    /** Nothing was inserted: since it is there, or since another process has changed the root key meanwhile. */
    private boolean refused(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT EXISTS (SELECT FROM key_secret WHERE substr(sealed, 6, 8) <> ?)")) {
            statement.setBytes(1, root().id());
            try (ResultSet rows = statement.executeQuery()) {
                if (rows.next() && rows.getBoolean(1)) {
                    throw new SQLException("the root key was changed while this ran", "55000");
                }
            }
        }
        return false;
    }

    private boolean insert(Connection connection, Slot.Secret secret, byte[] envelope) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                """
                        INSERT INTO key_secret (name, sealed)
                        SELECT ?, ?
                         WHERE NOT EXISTS (SELECT FROM key_secret WHERE substr(sealed, 6, 8) <> ?)
                            ON CONFLICT DO NOTHING
                        """)) {
            statement.setString(1, secret.name());
            statement.setBytes(2, envelope);
            statement.setBytes(3, root().id());
            return statement.executeUpdate() == 1 || refused(connection);
        }
    }

    private static boolean update(Connection connection, Slot.Tree tree, byte[] envelope, long expectedVersion)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                """
                        UPDATE key_tree
                           SET version = version + 1, sealed = ?
                         WHERE slice = ? AND tree = ? AND version = ?
                        """)) {
            statement.setBytes(1, envelope);
            statement.setLong(2, tree.slice().code());
            statement.setLong(3, tree.number());
            statement.setLong(4, expectedVersion);
            return statement.executeUpdate() == 1;
        }
    }

    /** All of it in one transaction, and then the tables anew, without what the old root key has sealed. */
    @Override
    void reseal(RootKey old) {
        database.together(connection -> {
            run(connection, "LOCK TABLE key_secret, key_tree IN EXCLUSIVE MODE");
            for (Slot slot : all(connection)) {
                Optional<byte[]> envelope = load(connection, slot);
                if (envelope.isPresent() && !Envelope.isOf(root(), envelope.get())) {
                    put(connection, slot, resealed(old, slot, envelope.get()));
                }
            }
            return old;
        });
        database.with(connection -> run(connection, "VACUUM (FULL) key_secret"));
        settle();
    }

    private static void put(Connection connection, Slot slot, byte[] envelope) throws SQLException {
        switch (slot) {
            case Slot.Tree(Slice slice, long number) -> {
                try (PreparedStatement statement = connection.prepareStatement(
                        "UPDATE key_tree SET version = version + 1, sealed = ? WHERE slice = ? AND tree = ?")) {
                    statement.setBytes(1, envelope);
                    statement.setLong(2, slice.code());
                    statement.setLong(3, number);
                    statement.executeUpdate();
                }
            }
            case Slot.Secret(String name) -> {
                try (PreparedStatement statement =
                        connection.prepareStatement("UPDATE key_secret SET sealed = ? WHERE name = ?")) {
                    statement.setBytes(1, envelope);
                    statement.setString(2, name);
                    statement.executeUpdate();
                }
            }
        }
    }

    private static boolean run(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            return statement.execute();
        }
    }

    @Override
    public void destroy(Slice slice) {
        database.with(connection -> {
            try (PreparedStatement statement = connection.prepareStatement("DELETE FROM key_tree WHERE slice = ?")) {
                statement.setLong(1, slice.code());
                return statement.executeUpdate();
            }
        });
    }

    /** Writes the table anew, without what died; others wait for it, for a time that grows with what lives. */
    @Override
    public void settle() {
        database.with(connection -> run(connection, "VACUUM (FULL) key_tree"));
    }

    @Override
    public Set<Slice> slices() {
        Set<Slice> slices = new TreeSet<>();
        numbers("SELECT DISTINCT slice FROM key_tree", List.of())
                .forEach(code -> Slice.ofCode(code).ifPresent(slices::add));
        return slices;
    }

    @Override
    public Set<Long> trees(Slice slice) {
        return new TreeSet<>(numbers("SELECT tree FROM key_tree WHERE slice = ?", List.of(slice.code())));
    }

    private List<Long> numbers(String sql, List<Long> values) {
        return database.with(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < values.size(); i++) {
                    statement.setLong(i + 1, values.get(i));
                }
                try (ResultSet rows = statement.executeQuery()) {
                    List<Long> numbers = new ArrayList<>();
                    while (rows.next()) {
                        numbers.add(rows.getLong(1));
                    }
                    return numbers;
                }
            }
        });
    }

    @Override
    List<Slot> slots() {
        return database.with(PostgresKeyStore::all);
    }

    private static List<Slot> all(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                """
                        SELECT name, NULL::bigint, NULL::bigint FROM key_secret
                         UNION ALL
                        SELECT NULL, slice, tree FROM key_tree
                        """)) {
            return slots(statement);
        }
    }
}
