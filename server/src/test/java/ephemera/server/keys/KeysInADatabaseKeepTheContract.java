package ephemera.server.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.core.vault.KeyStore;
import ephemera.server.OneServer;
import ephemera.server.StartFailure;
import ephemera.server.store.embedded.PostgresAccess;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeysInADatabaseKeepTheContract extends KeyStoreContract {

    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final PostgresAccess POSTGRES = OneServer.get().postgres();

    private final List<String> names = new ArrayList<>();
    private final List<KeyDatabase> open = new ArrayList<>();
    private final String own = create();

    private String create() {
        String name = "keys_" + NUMBERS.incrementAndGet();
        administer("CREATE DATABASE " + name + " OWNER " + POSTGRES.user());
        names.add(name);
        return name;
    }

    private static void administer(String sql) {
        try (Connection connection = superuser("ephemera");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static Connection superuser(String name) throws SQLException {
        return DriverManager.getConnection(url(name), "postgres", POSTGRES.superuserPassword());
    }

    private static String url(String name) {
        return POSTGRES.jdbcUrl().replace("/ephemera?", "/" + name + "?");
    }

    private synchronized KeyDatabase database(String name) {
        KeyDatabase database = KeyDatabase.open(url(name), POSTGRES.user(), POSTGRES.password());
        open.add(database);
        return database;
    }

    @Override
    KeyStore open(RootKey root) {
        return PostgresKeyStore.open(database(own), root);
    }

    @Override
    KeyStore openEmpty(RootKey root) {
        return PostgresKeyStore.open(database(create()), root);
    }

    @AfterEach
    void drop() {
        open.forEach(KeyDatabase::close);
        names.forEach(name -> administer("DROP DATABASE " + name + " WITH (FORCE)"));
    }

    @Test
    void thePostgresOfTheDataIsRefused() throws SQLException {
        KeyDatabase keys = database(own);
        assertThat(keys.isEmpty()).isTrue();
        try (Connection data = POSTGRES.connect()) {
            assertThatThrownBy(() -> keys.requireApart(data))
                    .isInstanceOf(StartFailure.class)
                    .hasMessageContaining("give the keys a PostgreSQL of their own");
        }
    }

    @Test
    void aDatabaseThatIsNotThereEndsTheStart() {
        assertThatThrownBy(() -> database("keys_nowhere"))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("check its address, user and password");
    }

    @Test
    void oneThatWouldLoseWhatItAcknowledgedIsRefused() {
        administer("ALTER DATABASE " + own + " SET synchronous_commit = off");
        assertThatThrownBy(() -> database(own))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("synchronous_commit");
    }

    @Test
    void aDamagedRowIsNamed() throws SQLException {
        KeyStore store = open(Roots.ONE);
        store.write(SLICE, 7, new byte[100], 0);
        try (Connection connection = superuser(own);
                Statement statement = connection.createStatement()) {
            statement.execute("UPDATE key_tree SET sealed = set_byte(sealed, 70, get_byte(sealed, 70) # 1)");
        }
        assertThatThrownBy(() -> store.read(SLICE, 7))
                .isInstanceOf(KeyStore.Damaged.class)
                .hasMessageContaining("The tree 7 of day-600 in the database is damaged");
    }

    @Test
    void whatWasReplacedIsInNoFileOfTheTableOnceItIsSettled() throws SQLException {
        PostgresKeyStore store = (PostgresKeyStore) open(Roots.ONE);
        store.write(SLICE, 7, new byte[100], 0);
        store.write(SLICE, 8, new byte[10_000], 0);
        byte[] small = store.load(new Slot.Tree(SLICE, 7)).orElseThrow();
        byte[] large = store.load(new Slot.Tree(SLICE, 8)).orElseThrow();
        assertThat(files()).contains(inner(small)).contains(inner(large));
        store.write(SLICE, 7, new byte[100], 1);
        store.write(SLICE, 8, new byte[10_000], 1);
        assertThat(files()).contains(inner(small)).contains(inner(large));
        store.settle();
        assertThat(files()).doesNotContain(inner(small)).doesNotContain(inner(large));
        assertThat(store.read(SLICE, 8).orElseThrow().version()).isEqualTo(2);
    }

    private static String inner(byte[] sealed) {
        return HexFormat.of().formatHex(Arrays.copyOfRange(sealed, 60, 100));
    }

    /** What is on disk of the table, in hexadecimal digits. */
    private String files() throws SQLException {
        try (Connection connection = superuser(own);
                Statement statement = connection.createStatement()) {
            statement.execute("CHECKPOINT");
            try (PreparedStatement files = connection.prepareStatement(
                    """
                            SELECT encode(pg_read_binary_file(pg_relation_filepath(c.oid)), 'hex')
                                || encode(pg_read_binary_file(pg_relation_filepath(c.reltoastrelid)), 'hex')
                              FROM pg_class c
                             WHERE c.relname = 'key_tree'
                            """);
                    ResultSet rows = files.executeQuery()) {
                assertThat(rows.next()).isTrue();
                return rows.getString(1);
            }
        }
    }
}
