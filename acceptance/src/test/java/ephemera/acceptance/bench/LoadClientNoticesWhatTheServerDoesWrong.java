package ephemera.acceptance.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.acceptance.bench.PretendServer.Fault;
import ephemera.acceptance.bench.load.Ledger;
import ephemera.acceptance.bench.load.LoadFailure;
import ephemera.acceptance.bench.load.Pacer;
import ephemera.acceptance.bench.load.SendRequest;
import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Deadline;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoadClientNoticesWhatTheServerDoesWrong {
    private static final int PAIRS = 8;
    private static final int MESSAGES = 200;

    private final Report report = new Report();

    @ParameterizedTest
    @CsvSource({"LOSES, missing 20", "REPEATS, twice 20", "RENAMES, wrong token 20", "REFUSES, 20 refused",
        "MISDIRECTS, misdirected 20"})
    void inTheSentenceThatEndsTheRun(Fault fault, String complaint) throws IOException {
        assertThatThrownBy(() -> talk(fault)).isInstanceOf(LoadFailure.class).hasMessageContaining(complaint);
    }

    @Test
    void andHasNothingToSayWhereNothingIsWrong() throws IOException {
        int acknowledgedEvents = talk(Fault.NONE);
        assertThat(acknowledgedEvents).as("every message, and the two advisories of each stream").isEqualTo(
                MESSAGES + 2 * PAIRS);
        assertThat(report.json()).contains("200 acknowledged messages, 200 deliveries");
    }

    /** How many messages arrive, of which every tenth is wrong. */
    private static int arrivals(Fault fault) {
        return switch (fault) {
            case NONE, RENAMES, MISDIRECTS -> MESSAGES;
            case LOSES, REFUSES -> MESSAGES - MESSAGES / 10;
            case REPEATS -> MESSAGES + MESSAGES / 10;
        };
    }

    /** Where something never comes, it is waited for to the end. */
    private static Duration patience(Fault fault) {
        return switch (fault) {
            case NONE, REPEATS, REFUSES -> Deadline.LONGEST;
            case LOSES, RENAMES, MISDIRECTS -> Duration.ofSeconds(3);
        };
    }

    private int talk(Fault fault) throws IOException {
        List<Credentials> people = PretendServer.people(2 * PAIRS);
        List<Credentials> listeners = people.subList(PAIRS, 2 * PAIRS);
        try (PretendServer server = new PretendServer(0, fault);
                DirectTalk talk = new DirectTalk(new InetSocketAddress("127.0.0.1", server.url().getPort()),
                        people.subList(0, PAIRS), listeners.stream().map(Credentials::token).toList(), listeners, "",
                        patience(fault))) {
            Ledger ledger = Ledger.ofPairs(PAIRS);
            AtomicInteger arrivals = new AtomicInteger();
            talk.audience().onArrival((stream, scan) -> {
                arrivals.incrementAndGet();
                assertThat(SendRequest.isOf(1, scan)).isTrue();
                ledger.arrived(stream, scan);
            });
            Pacer pacer = talk.loop().get(() -> Pacer.prepare(talk.senders(), 1, ledger, 2_000, MESSAGES));
            pacer.run();
            // What the server does wrong is known only when it has done everything else.
            int expected = arrivals(fault);
            assertThat(talk.loop().await(Deadline.LONGEST,
                    () -> ledger.ended() == MESSAGES && arrivals.get() == expected)).as("all that comes").isTrue();
            talk.settle(ledger, () -> ledger.ended() == MESSAGES, report);
            assertThat(pacer.lateness().count()).isEqualTo(MESSAGES);
            return server.acknowledgedEvents();
        }
    }
}
