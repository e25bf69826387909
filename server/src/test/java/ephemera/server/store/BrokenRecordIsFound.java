package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.vault.Deletion.Draft;
import ephemera.core.vault.Deletion.Reason;
import ephemera.core.vault.SigningKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever owns the tables can switch the triggers off. */
@Timeout(120)
class BrokenRecordIsFound {

    private static final SigningKey KEY = new SigningKey(SigningKey.random());

    private static List<Draft> messages(int count) {
        Instant now = Instant.now();
        return IntStream.range(0, count)
                .mapToObj(_ -> Draft.message("org", UUID.randomUUID(), Reason.READ, Optional.empty(), now, now))
                .toList();
    }

    /** Two signed days: entries 1 to 4, and 5 to 8; then 9 to 12. Every second entry ends a transaction. */
    private static void fill(Database database) {
        DeletionRecord record = new DeletionRecord(database, KEY);
        // All days are ahead of the clock, so that none of them ends while it is filled.
        database.read(handle -> handle.execute("UPDATE deletion_head SET recorded_at = '2100-01-01T00:00:00Z'"));
        for (int day = 0; day < 3; day++) {
            for (int times = 0; times < 2; times++) {
                database.change(handle -> record.append(handle, messages(2)));
            }
            if (day < 2) {
                database.read(handle -> handle.execute("UPDATE deletion_head SET recorded_at = "
                        + "date_trunc('day', recorded_at, 'UTC') + interval '1 day'"));
            }
        }
        assertThat(record.signDays()).isEqualTo(2);
        assertThat(record.check()).isInstanceOf(RecordCheck.Finding.Whole.class);
    }

    static Stream<Arguments> whoeverBrokeIt() {
        String other = "subject = gen_random_uuid()::text";
        return Stream.of(
                Arguments.of("Entry 3 is not what its hash", "UPDATE deletion SET " + other + " WHERE sequence = 3"),
                Arguments.of("Entry 3 is not what its hash", "UPDATE deletion SET kind = 'HOLD' WHERE sequence = 3"),
                Arguments.of("Entry 3 is not what its hash",
                        "UPDATE deletion SET reason = 'ERASED' WHERE sequence = 3"),
                Arguments.of("Entry 3 is not what its hash", "UPDATE deletion SET key = 'k' WHERE sequence = 3"),
                Arguments.of("Entry 3 is not what its hash",
                        "UPDATE deletion SET organization = '' WHERE sequence = 3"),
                Arguments.of(
                        "Entry 3 is not what its hash",
                        "UPDATE deletion SET destroyed_at = destroyed_at - interval '1 hour' WHERE sequence = 3"),
                Arguments.of(
                        "Entry 3 is not what its hash",
                        "UPDATE deletion SET decided_at = decided_at - interval '1 ms' WHERE sequence = 3"),
                Arguments.of(
                        "Entry 3 is not what its hash",
                        "UPDATE deletion SET recorded_at = recorded_at - interval '1 ms' WHERE sequence = 3"),
                Arguments.of(
                        "Entry 3 is not what its hash",
                        "UPDATE deletion SET hash = sha256(hash) WHERE sequence = 3"),
                Arguments.of(
                        "Entry 3 does not follow",
                        "UPDATE deletion SET previous = sha256(previous) WHERE sequence = 3"),
                Arguments.of(
                        "Entry 3 has a value that no entry can have",
                        "UPDATE deletion SET reason = 'FORGOTTEN' WHERE sequence = 3"),
                Arguments.of(
                        "Entry 3 has a value that no entry can have",
                        "UPDATE deletion SET previous = '\\x00' WHERE sequence = 3"),
                Arguments.of("Entry 3 is missing", "DELETE FROM deletion WHERE sequence = 3"),
                Arguments.of("Entry 1 is missing", "DELETE FROM deletion"),
                Arguments.of("Entry 12 is missing", "DELETE FROM deletion WHERE sequence = 12"),
                Arguments.of("The signature of entry 4", "UPDATE deletion SET signature = set_byte(signature, 0, 255)"
                        + " WHERE sequence = 4"),
                Arguments.of("The signature of entry 4", "UPDATE deletion SET signature = (SELECT signature FROM"
                        + " deletion WHERE sequence = 2) WHERE sequence = 4"),
                Arguments.of("The newest entry, 12, is not signed", "UPDATE deletion SET signature = NULL"),
                Arguments.of("The head of the record is not", "UPDATE deletion_head SET hash = sha256(hash)"),
                Arguments.of("Entry 13 is missing", "UPDATE deletion_head SET sequence = 13"),
                Arguments.of("The head of the record is missing", "DELETE FROM deletion_head"),
                Arguments.of("does not have the entries of that day", "DELETE FROM deletion_day WHERE first = 1"),
                Arguments.of("does not have the entries", "UPDATE deletion_day SET last = 7 WHERE first = 5"),
                Arguments.of("does not have the entries", "UPDATE deletion_day SET last = 9 WHERE first = 5"),
                Arguments.of("does not have the entries", "UPDATE deletion_day SET day = day + 9 WHERE first = 5"),
                Arguments.of("The root of", "UPDATE deletion_day SET root = sha256(root) WHERE first = 5"),
                Arguments.of(
                        "is not that of this server's key",
                        "UPDATE deletion_day SET signature = (SELECT signature FROM deletion WHERE sequence = 4)"),
                Arguments.of("has a value that no day can have", "UPDATE deletion_day SET root = '\\x01'"));
    }

    @ParameterizedTest
    @MethodSource
    void whoeverBrokeIt(String where, String change) {
        try (OwnDatabase own = new OwnDatabase();
                Database database = own.open(2)) {
            fill(database);
            for (String table : List.of("deletion", "deletion_day", "deletion_head")) {
                database.read(handle -> handle.execute("ALTER TABLE " + table + " DISABLE TRIGGER USER"));
            }
            int changed = database.read(handle -> handle.execute(change));
            assertThat(changed).isPositive();
            assertThat(new DeletionRecord(database, KEY).check())
                    .isInstanceOfSatisfying(
                            RecordCheck.Finding.Broken.class, broken -> assertThat(broken.where()).contains(where));
        }
    }

    @Test
    void alsoIfAllOfItWasMadeAnewWithAnotherKey() {
        try (OwnDatabase own = new OwnDatabase();
                Database database = own.open(2)) {
            fill(database);
            SigningKey other = new SigningKey(SigningKey.random());
            assertThat(new DeletionRecord(database, other).check())
                    .isEqualTo(new RecordCheck.Finding.Broken(
                            "The signature of entry 2 is not that of this server's key."));
        }
    }
}
