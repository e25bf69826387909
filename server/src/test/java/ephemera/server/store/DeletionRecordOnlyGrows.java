package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.core.Ids;
import ephemera.core.vault.Deletion;
import ephemera.core.vault.Deletion.Draft;
import ephemera.core.vault.Deletion.Reason;
import ephemera.core.vault.DeletionProof;
import ephemera.core.vault.Digest;
import ephemera.core.vault.Epoch;
import ephemera.core.vault.KeyId;
import ephemera.core.vault.SigningKey;
import ephemera.core.vault.Slice;
import ephemera.core.vault.Term;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class DeletionRecordOnlyGrows {

    private static final Ids IDS = new Ids(InstantSource.system(), new SecureRandom());
    private static final SigningKey KEY = new SigningKey(SigningKey.random());
    private static final Instant AT = Instant.parse("2026-11-21T12:34:56.789Z");
    private static final Slice SLICE = new Slice(Term.HOUR, AT.getEpochSecond());
    private static final String ORGANIZATION = "0123456789abcdefghijklmn";

    private final OwnDatabase own = new OwnDatabase();
    private final Database database = own.open(8);
    private final DeletionRecord record = new DeletionRecord(database, KEY);

    @AfterEach
    void close() {
        database.close();
        own.close();
    }

    private static Draft message(UUID message) {
        return Draft.message(
                ORGANIZATION, message, Reason.RECALLED, Optional.of(new KeyId(SLICE, 7, 1)), AT, AT.plusMillis(20));
    }

    private static List<Draft> messages(int count) {
        return IntStream.range(0, count).mapToObj(_ -> message(IDS.carrying(SLICE.code()))).toList();
    }

    private int append(List<Draft> drafts) {
        return database.change(handle -> record.append(handle, drafts));
    }

    private RecordCheck.Finding.Whole whole() {
        assertThat(record.check()).isInstanceOf(RecordCheck.Finding.Whole.class);
        return (RecordCheck.Finding.Whole) record.check();
    }

    private void execute(String sql) {
        database.read(handle -> handle.execute(sql));
    }

    /** Goes on at a day that is ahead of the clock, so that it does not end while a test fills it. */
    private void aDayAhead() {
        execute("UPDATE deletion_head SET recorded_at = '2100-01-01T00:00:00Z'");
    }

    /** Goes on as if a day had passed. */
    private void nextDay() {
        execute("UPDATE deletion_head SET recorded_at = date_trunc('day', recorded_at, 'UTC') + interval '1 day'");
    }

    @Test
    void byEntriesThatAreFoundAgain() {
        assertThat(whole()).isEqualTo(new RecordCheck.Finding.Whole(0, 0, Digest.ZERO));
        UUID message = IDS.carrying(SLICE.code());
        assertThat(append(List.of())).isZero();
        assertThat(append(List.of(Draft.epoch(new Epoch(Term.HOUR, 5), AT), message(message)))).isEqualTo(2);
        Deletion entry = record.find(message).orElseThrow();
        assertThat(entry.draft()).isEqualTo(message(message));
        assertThat(entry.sequence()).isEqualTo(2);
        assertThat(whole()).isEqualTo(new RecordCheck.Finding.Whole(2, 0, entry.hash()));
        assertThat(record.find(IDS.carrying(SLICE.code()))).isEmpty();
    }

    @Test
    void onceForEachThing() {
        List<Draft> drafts = messages(3);
        assertThat(append(drafts.subList(0, 2))).isEqualTo(2);
        // Somebody died after that, came again, and destroyed it again.
        assertThat(append(drafts)).isEqualTo(1);
        assertThat(append(drafts)).isZero();
        assertThat(append(List.of(Draft.slice(SLICE, AT), Draft.slice(SLICE, AT.plusSeconds(9))))).isEqualTo(1);
        assertThat(whole().entries()).isEqualTo(4);
    }

    @Test
    void byWhatIsCommittedOnly() {
        append(messages(2));
        assertThatThrownBy(() -> database.change(handle -> {
            record.append(handle, messages(2));
            throw new IllegalStateException("the caller's trouble");
        })).hasMessage("the caller's trouble");
        append(messages(1));
        assertThat(whole().entries()).isEqualTo(3);
    }

    @Test
    void whenManyAppendAtOnce() throws Exception {
        List<Future<?>> calls = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Database other = own.open(8)) {
            DeletionRecord elsewhere = new DeletionRecord(other, KEY);
            for (int i = 0; i < 200; i++) {
                List<Draft> drafts = messages(1 + i % 3);
                boolean here = i % 2 == 0;
                calls.add(threads.submit(() -> (here ? database : other).change(
                        handle -> (here ? record : elsewhere).append(handle, drafts))));
            }
            for (Future<?> call : calls) {
                call.get();
            }
        }
        assertThat(whole().entries()).isEqualTo(calls.size() / 2 * 4 - 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE deletion SET reason = 'READ'",
                "DELETE FROM deletion",
                "DELETE FROM deletion WHERE sequence = 99",
                "TRUNCATE deletion",
                "UPDATE deletion_day SET root = hash FROM deletion",
                "DELETE FROM deletion_day",
                "TRUNCATE deletion_day",
                "DELETE FROM deletion_head",
                "TRUNCATE deletion_head"
            })
    void sinceTheDatabaseRefusesEverythingElse(String change) {
        append(messages(1));
        nextDay();
        assertThat(record.signDays()).isEqualTo(1);
        assertThatThrownBy(() -> execute(change)).hasStackTraceContaining("the deletion record only grows");
        assertThat(whole().entries()).isEqualTo(1);
    }

    @Test
    void andProvesWhatItKnows() {
        UUID recalled = IDS.carrying(SLICE.code());
        UUID expired = IDS.carrying(SLICE.code());
        UUID alive = IDS.carrying(new Slice(Term.HOUR, SLICE.endSecond() + 300).code());
        aDayAhead();
        append(messages(10));
        append(List.of(message(recalled)));
        append(messages(5));
        append(List.of(Draft.slice(SLICE, AT)));
        assertThat(record.prove(alive)).isEmpty();
        assertThat(record.prove(UUID.randomUUID())).isEmpty();
        DeletionProof proof = record.prove(recalled).orElseThrow();
        assertThat(proof.flaw()).isEmpty();
        assertThat(proof.entry().draft().kind()).isEqualTo(Deletion.Kind.MESSAGE);
        assertThat(proof.day().complete()).isFalse();
        assertThat(proof.day().last()).isEqualTo(17);
        assertThat(proof.signer()).isEqualTo(KEY.publicKey());
        DeletionProof bySlice = record.prove(expired).orElseThrow();
        assertThat(bySlice.flaw()).isEmpty();
        assertThat(bySlice.entry().draft().kind()).isEqualTo(Deletion.Kind.SLICE);
    }

    @Test
    void andSignsEveryDayOnceWhenItIsOver() {
        List<UUID> messages = new ArrayList<>();
        aDayAhead();
        for (int day = 0; day < 3; day++) {
            UUID message = IDS.carrying(SLICE.code());
            messages.add(message);
            append(messages(2 + day));
            append(List.of(message(message)));
            nextDay();
        }
        // Nothing happens on one day.
        nextDay();
        append(messages(4));
        assertThat(record.prove(messages.get(1)).orElseThrow().day().complete()).isFalse();
        assertThat(record.signDays()).isEqualTo(3);
        assertThat(record.signDays()).isZero();
        assertThat(whole()).matches(whole -> whole.days() == 3 && whole.entries() == 16);
        for (int day = 0; day < 3; day++) {
            DeletionProof proof = record.prove(messages.get(day)).orElseThrow();
            assertThat(proof.flaw()).isEmpty();
            assertThat(proof.day().complete()).isTrue();
            assertThat(proof.day().size()).isEqualTo(3 + day);
            assertThat(proof.path()).isNotEmpty();
        }
    }

    @Test
    void andItsTimeNeverGoesBack() {
        aDayAhead();
        append(messages(1));
        nextDay();
        assertThat(record.signDays()).isEqualTo(1);
        // The clock is behind, and the signed day stays as it was.
        UUID message = IDS.carrying(SLICE.code());
        append(List.of(message(message)));
        Deletion entry = record.find(message).orElseThrow();
        assertThat(entry.recordedAt()).isEqualTo(Instant.parse("2100-01-02T00:00:00Z"));
        assertThat(record.prove(message).orElseThrow().day().first()).isEqualTo(2);
        assertThat(record.signDays()).isZero();
        assertThat(whole().entries()).isEqualTo(2);
    }
}
