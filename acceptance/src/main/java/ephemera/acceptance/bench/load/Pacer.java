package ephemera.acceptance.bench.load;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A round in which messages are sent at instants fixed beforehand, whether or not the server keeps up.
 *
 * <p>A time is measured from the instant at which its message was due, not from when it could be written: a server that
 * stalls cannot hide the messages that had to wait (coordinated omission). {@link #run} belongs to a thread of its own;
 * {@link #dueNanos} may be called from any thread.
 */
public final class Pacer implements Senders.Ends {
    private final Senders senders;
    private final BlockingQueue<Integer> idle;
    private final long intervalNanos;
    private final int messages;
    private final Histogram lateness = new Histogram();
    private final Histogram acknowledgement = new Histogram();
    private volatile long startNanos;

    private Pacer(Senders senders, int perSecond, int messages) {
        this.senders = senders;
        this.messages = messages;
        intervalNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
        idle = new ArrayBlockingQueue<>(senders.count());
        for (int sender = 0; sender < senders.count(); sender++) {
            idle.add(sender);
        }
    }

    /** Prepares a round of {@code messages} messages; must be called on the loop's thread. */
    public static Pacer prepare(Senders senders, int run, Ledger ledger, int perSecond,
            int messages) {
        Pacer pacer = new Pacer(senders, perSecond, messages);
        senders.begin(run, ledger, pacer);
        return pacer;
    }

    /**
     * Sends everything and returns when the last request is written.
     *
     * @throws LoadFailure when for 30 s no sender became idle
     */
    public void run() {
        startNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(5);
        for (int number = 0; number < messages; number++) {
            long due = dueNanos(number);
            long wait;
            while ((wait = due - System.nanoTime()) > 0) {
                LockSupport.parkNanos(wait);
            }
            int sender = takeIdle();
            lateness.record(System.nanoTime() - due);
            senders.send(sender, number);
        }
    }

    /** Gives the instant of {@link System#nanoTime} at which a message was due. */
    public long dueNanos(int number) {
        return startNanos + number * intervalNanos;
    }

    /** Gives how much later than due messages were written; complete after {@link #run}. */
    public Histogram lateness() {
        return lateness;
    }

    /** Gives the time from due to acknowledged; only for the loop's thread. */
    public Histogram acknowledgement() {
        return acknowledgement;
    }

    @Override
    public void ended(int sender, int number, boolean acknowledged) {
        acknowledgement.record(System.nanoTime() - dueNanos(number));
        idle.add(sender);
    }

    private int takeIdle() {
        try {
            Integer sender = idle.poll(30, TimeUnit.SECONDS);
            if (sender == null) {
                throw new LoadFailure("For 30 s none of %d senders was answered; first failure: %s".formatted(
                        senders.count(), senders.firstFailure().orElse("none")));
            }
            return sender;
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while pacing", e);
        }
    }
}
