package ephemera.acceptance.bench.load;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A round in which every sender sends its next message as soon as the last one is acknowledged. Loop's thread only.
 *
 * <p>With a window, at most so many messages are under way between their sending and their {@link #completed}
 * completion; that keeps a measurement of deliveries from becoming one of how far deliveries can fall behind.
 */
public final class ClosedLoop implements Senders.Ends {
    /** More than any window with which completions are measured. */
    private static final int RECENT = 1 << 13;

    private final Senders senders;
    private final Ledger ledger;
    private final int window;
    private final Histogram latency = new Histogram();
    private final Histogram completion = new Histogram();
    private final long[] sentNanos;
    private final long[] sentNanosOf = new long[RECENT];
    private final Deque<Integer> held = new ArrayDeque<>();
    private boolean running = true;
    private int sent;
    private int done;

    private ClosedLoop(Senders senders, Ledger ledger, int window) {
        this.senders = senders;
        this.ledger = ledger;
        this.window = window;
        sentNanos = new long[senders.count()];
    }

    /** Begins a round without a window. */
    public static ClosedLoop start(Senders senders, int run, Ledger ledger) {
        return start(senders, run, ledger, Integer.MAX_VALUE);
    }

    /** Begins a round in which at most {@code window} messages are sent and not yet {@link #completed}. */
    public static ClosedLoop start(Senders senders, int run, Ledger ledger, int window) {
        ClosedLoop round = new ClosedLoop(senders, ledger, window);
        senders.begin(run, ledger, round);
        for (int sender = 0; sender < senders.count(); sender++) {
            round.send(sender);
        }
        return round;
    }

    /** Ends the round: what is under way comes to its end, nothing new is sent. */
    public void stop() {
        running = false;
    }

    /** Says that a message has reached everybody. */
    public void completed(int number) {
        completion.record(System.nanoTime() - sentNanosOf[number % RECENT]);
        done++;
        if (running && !held.isEmpty()) {
            send(held.poll());
        }
    }

    /** Says whether no request is under way. */
    public boolean isQuiet() {
        return ledger.ended() == sent;
    }

    /** Gives the time from request to acknowledgement. */
    public Histogram latency() {
        return latency;
    }

    /** Gives the time from request to {@link #completed completion}; right for windows of at most 8,192 messages. */
    public Histogram completion() {
        return completion;
    }

    @Override
    public void ended(int sender, int number, boolean acknowledged) {
        latency.record(System.nanoTime() - sentNanos[sender]);
        if (!acknowledged) {
            done++;
        }
        if (running) {
            send(sender);
        }
    }

    private void send(int sender) {
        if (sent - done >= window) {
            held.add(sender);
            return;
        }
        int number = ledger.next();
        sent++;
        long now = System.nanoTime();
        sentNanos[sender] = now;
        sentNanosOf[number % RECENT] = now;
        senders.send(sender, number);
    }
}
