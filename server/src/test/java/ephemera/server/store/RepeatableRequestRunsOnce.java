package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.Idempotency;
import ephemera.core.Idempotency.Answer;
import ephemera.core.Idempotency.Claim;
import ephemera.core.Idempotency.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RepeatableRequestRunsOnce {

    private static final Request REQUEST = new Request("client", "key", "body");
    private static final Answer ANSWER = new Answer(200, "{\"items\":[]}");

    private final OwnDatabase own = new OwnDatabase();
    private final Database database = own.open(8);
    private final PostgresIdempotency requests = new PostgresIdempotency(database);

    @AfterEach
    void end() {
        database.close();
        own.close();
    }

    private Claim.Begun begin(Request request) {
        Claim claim = requests.begin(request);
        assertThat(claim).isInstanceOf(Claim.Begun.class);
        return (Claim.Begun) claim;
    }

    /** Lets time go by for all that is stored. */
    private void pass(String time) {
        database.change(handle -> handle.createUpdate(
                """
                        UPDATE idempotent_request
                           SET created_at = created_at - :time::interval, begun_at = begun_at - :time::interval
                        """)
                .bind("time", time)
                .execute());
    }

    private long rows() {
        return database
                .read(handle -> handle.createQuery("SELECT count(*) FROM idempotent_request").mapTo(Long.class).one());
    }

    @Test
    void ofManyAtOnceOneBegins() throws InterruptedException, ExecutionException {
        for (int round = 0; round < 20; round++) {
            Request request = new Request("client", "key " + round, "body");
            List<Future<Claim>> all = new ArrayList<>();
            CountDownLatch start = new CountDownLatch(1);
            try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 16; i++) {
                    all.add(many.submit(() -> {
                        start.await();
                        return requests.begin(request);
                    }));
                }
                start.countDown();
            }
            int begun = 0;
            for (Future<Claim> each : all) {
                begun += each.get() instanceof Claim.Begun ? 1 : 0;
                assertThat(each.get()).isInstanceOfAny(Claim.Begun.class, Claim.Running.class);
            }
            assertThat(begun).isOne();
        }
    }

    @Test
    void theAnswerIsKept() {
        Claim.Begun first = begin(REQUEST);
        assertThat(requests.begin(REQUEST)).isEqualTo(new Claim.Running());
        requests.end(first.ticket(), ANSWER);

        assertThat(requests.begin(REQUEST)).isEqualTo(new Claim.Done(ANSWER));
        pass("23 hours 59 minutes");
        assertThat(requests.begin(REQUEST)).isEqualTo(new Claim.Done(ANSWER));
        requests.sweep();
        assertThat(rows()).isOne();
    }

    @Test
    void forADay() {
        Claim.Begun first = begin(REQUEST);
        requests.end(first.ticket(), ANSWER);
        pass("24 hours");

        assertThat(begin(REQUEST).seed()).as("another request, though it looks the same").isNotEqualTo(first.seed());
        pass("24 hours");
        requests.sweep();
        assertThat(rows()).isZero();
    }

    @Test
    void aKeyIsForOneRequestOfOneClient() {
        Claim.Begun first = begin(REQUEST);
        Request other = new Request("client", "key", "another body");
        assertThat(requests.begin(other)).isEqualTo(new Claim.Taken());
        requests.end(first.ticket(), ANSWER);
        assertThat(requests.begin(other)).isEqualTo(new Claim.Taken());

        begin(new Request("another client", "key", "another body"));
        begin(new Request("client", "another key", "another body"));
    }

    @Test
    void whatNothingCameOfIsBegunAnew() {
        Claim.Begun first = begin(REQUEST);
        requests.release(first.ticket());

        Claim.Begun second = begin(REQUEST);
        assertThat(second.seed()).as("what the first one did is recognised").isEqualTo(first.seed());
        requests.release(second.ticket());
        assertThat(begin(new Request("client", "key", "another body")).seed()).isNotEqualTo(first.seed());
    }

    @Test
    void aCrashFreesItAfterAMinute() {
        Claim.Begun first = begin(REQUEST);
        pass("40 seconds");
        assertThat(requests.begin(REQUEST)).isEqualTo(new Claim.Running());
        pass("20 seconds");

        Claim.Begun second = begin(REQUEST);
        assertThat(second.seed()).isEqualTo(first.seed());
        requests.end(first.ticket(), new Answer(500, "{}"));
        requests.release(first.ticket());
        assertThat(requests.begin(REQUEST)).as("the first one has no say any more").isEqualTo(new Claim.Running());
        requests.end(second.ticket(), ANSWER);
        assertThat(requests.begin(REQUEST)).isEqualTo(new Claim.Done(ANSWER));
        requests.end(new Idempotency.Ticket(REQUEST, UUID.randomUUID()), new Answer(201, "{}"));
        assertThat(requests.begin(REQUEST)).isEqualTo(new Claim.Done(ANSWER));
    }
}
