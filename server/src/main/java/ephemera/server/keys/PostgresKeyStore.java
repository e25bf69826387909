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
        Optional<byte[]> any = database.with(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    """
                            SELECT substr(sealed, 1, 21)
                              FROM (SELECT sealed FROM key_secret UNION ALL SELECT sealed FROM key_tree) AS every
                             LIMIT 1
                            """)) {
                return bytes(statement);
            }
        });
        if (any.isPresent() && !Envelope.isOf(root, any.get())) {
            throw new StartFailure("The root key is not the one that the keys in the database were sealed with:"
                    + " configure that one, or restore the keys that belong to this one.");
        }
        return new PostgresKeyStore(database, root);
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
        return database.with(connection -> {
            switch (slot) {
                case Slot.Tree(Slice slice, long number) -> {
                    try (PreparedStatement statement = connection.prepareStatement(
                            "SELECT sealed FROM key_tree WHERE slice = ? AND tree = ?")) {
                        statement.setLong(1, slice.code());
                        statement.setLong(2, number);
                        return bytes(statement);
                    }
                }
                case Slot.Secret(String name) -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement("SELECT sealed FROM key_secret WHERE name = ?")) {
                        statement.setString(1, name);
                        return bytes(statement);
                    }
                }
            }
        });
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
                        INSERT INTO key_tree (slice, tree, version, sealed) VALUES (?, ?, ?, ?)
                            ON CONFLICT DO NOTHING
                        """)) {
            statement.setLong(1, tree.slice().code());
            statement.setLong(2, tree.number());
            statement.setLong(3, Envelope.version(envelope, place(tree)));
            statement.setBytes(4, envelope);
            return statement.executeUpdate() == 1;
        }
    }

    private static boolean insert(Connection connection, Slot.Secret secret, byte[] envelope) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO key_secret (name, sealed) VALUES (?, ?) ON CONFLICT DO NOTHING")) {
            statement.setString(1, secret.name());
            statement.setBytes(2, envelope);
            return statement.executeUpdate() == 1;
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
        database.with(connection -> {
            try (PreparedStatement statement = connection.prepareStatement("VACUUM (FULL) key_tree")) {
                return statement.execute();
            }
        });
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
        List<Slot> slots = database.with(connection -> {
            try (PreparedStatement statement = connection.prepareStatement("SELECT name FROM key_secret");
                    ResultSet rows = statement.executeQuery()) {
                List<Slot> secrets = new ArrayList<>();
                while (rows.next()) {
                    secrets.add(new Slot.Secret(rows.getString(1)));
                }
                return secrets;
            }
        });
        slices().forEach(slice -> trees(slice).forEach(tree -> slots.add(new Slot.Tree(slice, tree))));
        return slots;
    }
}
