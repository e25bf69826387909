package ephemera.acceptance.bench;

import ephemera.acceptance.bench.load.Acknowledgements;
import ephemera.acceptance.bench.load.Audience;
import ephemera.acceptance.bench.load.Ledger;
import ephemera.acceptance.bench.load.LoadFailure;
import ephemera.acceptance.bench.load.Loop;
import ephemera.acceptance.bench.load.Senders;
import ephemera.acceptance.client.Credentials;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Senders on the one side, people with open streams that acknowledge on the other, all on one loop. */
final class DirectTalk implements AutoCloseable {
    private static final Duration LONGEST_OPENING = Duration.ofSeconds(60);
    /** How long deliveries and acknowledgements of a round may take after its last message was sent. */
    static final Duration LONGEST_DELIVERY = Duration.ofSeconds(60);

    private static final int ACKNOWLEDGING_CONNECTIONS = 16;

    private final Duration patience;
    private final Loop loop = new Loop();
    private final Acknowledgements acknowledgements;
    private final Audience audience;
    private final Senders senders;

    /** Opens everything: a stream for each listener, a connection for each speaker to the recipient at its place. */
    DirectTalk(InetSocketAddress address, List<Credentials> speakers, List<String> recipients,
            List<Credentials> listeners, String features, Duration patience) {
        this.patience = patience;
        acknowledgements = new Acknowledgements(loop, address, ACKNOWLEDGING_CONNECTIONS);
        audience = new Audience(loop, address, listeners, features, Optional.of(acknowledgements));
        senders = new Senders(loop, address, speakers, recipients);
        try {
            audience.open(LONGEST_OPENING);
            senders.open();
        } catch (RuntimeException e) {
            loop.close();
            throw e;
        }
    }

    Loop loop() {
        return loop;
    }

    Audience audience() {
        return audience;
    }

    Senders senders() {
        return senders;
    }

    /**
     * Waits until every request is answered, everything is delivered and everything is acknowledged by its receivers,
     * then judges the round.
     *
     * @param quiet says whether no request is under way
     * @return how long it took from now until everything was delivered
     * @throws LoadFailure when a message was lost, doubled, misdirected, disordered or refused
     */
    Duration settle(Ledger ledger, BooleanSupplier quiet, Report report) {
        long begin = System.nanoTime();
        loop.await(patience, () -> quiet.getAsBoolean() && ledger.isComplete());
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        // Acknowledging takes up to a second more; a message that comes once more meanwhile is counted as a repeat.
        boolean flushed = loop.await(patience, acknowledgements::isFlushed);
        loop.run(() -> {
            Ledger.Verdict verdict = ledger.verdict();
            if (!verdict.isRight() || !flushed || acknowledgements.refused() > 0 || audience.lost() > 0) {
                throw new LoadFailure(("The round is worthless: %s; first refusal: %s; acknowledgements: %s;"
                        + " streams lost: %d (%s)").formatted(verdict.sentence(), senders.firstFailure().orElse("none"),
                                acknowledgements.firstFailure().orElse(flushed ? "fine" : "not answered in time"),
                                audience.lost(), audience.firstLoss().orElse("none")));
            }
            report.note(verdict.sentence());
        });
        return took;
    }

    @Override
    public void close() {
        loop.close();
    }
}
