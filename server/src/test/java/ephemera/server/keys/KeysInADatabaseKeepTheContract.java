package ephemera.server.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.core.vault.KeyStore;
import ephemera.server.OneServer;
import ephemera.server.StartFailure;
import ephemera.server.store.embedded.PostgresAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
import java.util.Optional;
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
        administer("ephemera", sql);
    }

    private static void administer(String database, String sql) {
        try (Connection connection = superuser(database);
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
    RootKeyChange change() {
        return change(Steps.NONE);
    }

    private RootKeyChange change(Steps steps) {
        KeyDatabase database = database(own);
        return new RootKeyChange(root -> PostgresKeyStore.openForChange(database, root), steps);
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

    @Test
    void whatTheOldRootKeyHasSealedIsInNoFileOfTheTableAfterAChange() throws SQLException {
        PostgresKeyStore store = (PostgresKeyStore) open(Roots.ONE);
        store.write(SLICE, 7, new byte[100], 0);
        byte[] small = store.load(new Slot.Tree(SLICE, 7)).orElseThrow();
        change().change(new RootPlace.Given(Roots.ONE), new RootPlace.Given(Roots.OTHER));
        assertThat(files()).doesNotContain(inner(small));
    }

    @Test
    void aChangeOfTheRootKeyThatFailsHalfWayHasChangedNothing() {
        PostgresKeyStore store = (PostgresKeyStore) open(Roots.ONE);
        store.secret("signing-key", () -> new byte[3]);
        store.write(SLICE, 7, new byte[100], 0);
        administer(own, "CREATE FUNCTION fail() RETURNS trigger AS 'BEGIN RAISE ''no''; END' LANGUAGE plpgsql");
        administer(own, "CREATE TRIGGER fail BEFORE UPDATE ON key_tree FOR EACH ROW EXECUTE FUNCTION fail()");
        RootPlace from = new RootPlace.Given(Roots.ONE);
        RootPlace to = new RootPlace.Given(Roots.OTHER);
        assertThatThrownBy(() -> change().change(from, to))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("run the same command again");
        assertThat(open(Roots.ONE).secret("signing-key")).contains(new byte[3]);
        assertThat(open(Roots.ONE).read(SLICE, 7)).isPresent();
        administer(own, "DROP TRIGGER fail ON key_tree");
        assertThat(change().change(from, to)).isEqualTo(2);
        assertThat(open(Roots.OTHER).read(SLICE, 7)).isPresent();
    }

    @Test
    void aChangeThatIsInterruptedOnceItIsMadeIsTakenUpAgain() throws IOException {
        open(Roots.ONE).write(SLICE, 7, new byte[100], 0);
        Path file = Files.writeString(roots.resolve("root.key"), Roots.text(1));
        RootPlace place = new RootPlace.InFile(file, Optional.empty(), true);
        assertThatThrownBy(() -> change(PostgresCrash::afterTheTransaction).change(place, place))
                .isInstanceOf(PostgresCrash.class);
        assertThatThrownBy(() -> open(RootKey.ofFile(file, RootKey.IfMissing.STORE_NEEDS_IT)))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("is not finished: run the same \"root-key change\" again");
        assertThat(change().change(place, place)).isEqualTo(1);
        assertThat(open(RootKey.ofFile(file, RootKey.IfMissing.STORE_NEEDS_IT)).read(SLICE, 7)).isPresent();
        assertThat(Files.readString(file)).isNotEqualTo(Roots.text(1));
    }

    /** The end of the process, as far as a process can play its own end. */
    private static final class PostgresCrash extends Error {

        static void afterTheTransaction(Steps.Step step) {
            if (step == Steps.Step.ROOT_SERVES) {
                throw new PostgresCrash();
            }
        }
    }

    @Test
    void aChangeOfTheRootKeyIsRefusedWhileSomebodyUsesTheDatabase() {
        KeyDatabase used = database(own);
        assertThat(used.isEmpty()).isTrue();
        assertThatThrownBy(() -> KeyDatabase.openAlone(url(own), POSTGRES.user(), POSTGRES.password()))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("stop every server");
        String free = create();
        open.add(KeyDatabase.openAlone(url(free), POSTGRES.user(), POSTGRES.password()));
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
