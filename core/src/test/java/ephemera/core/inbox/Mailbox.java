package ephemera.core.inbox;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/**
 * A sink of bounded size whose reader is the test: it takes events one by one, or from some time on all at once.
 * Thread-safe.
 */
final class Mailbox implements Sink {

    /** Not everything that is waited for wakes whoever waits. */
    private static final long STEP_MILLIS = 50;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final int capacity;
    private final Deque<Event> waiting = new ArrayDeque<>();
    private final List<Event> taken = new ArrayList<>();
    private int failures;
    private long written;
    private boolean following;
    private boolean closed;

    Mailbox(int capacity) {
        this.capacity = capacity;
    }

    /** A mailbox whose reader takes everything at once. */
    static Mailbox ofFastReader() {
        Mailbox mailbox = new Mailbox(1);
        mailbox.follow();
        return mailbox;
    }

    @Override
    public synchronized boolean offer(Event event) {
        if (failures > 0 && event instanceof Told) {
            failures--;
            throw new IllegalStateException("the event cannot be rendered");
        }
        if (closed || waiting.size() >= capacity) {
            return false;
        }
        waiting.add(event);
        if (following) {
            take();
        }
        return true;
    }

    @Override
    public synchronized boolean awaitRoom() throws InterruptedException {
        while (!closed && waiting.size() >= capacity) {
            wait();
        }
        return !closed;
    }

    @Override
    public synchronized long written() {
        return written;
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** Takes one event; false if none waits. */
    synchronized boolean take() {
        Event event = waiting.poll();
        if (event == null) {
            return false;
        }
        if (event instanceof Told told) {
            written = told.position();
        }
        taken.add(event);
        notifyAll();
        return true;
    }

    /** From now on takes everything at once. */
    synchronized void follow() {
        following = true;
        while (take()) {
            // until nothing waits
        }
    }

    /** Makes the next so many durable events fail. */
    synchronized void fail(int times) {
        failures = times;
    }

    /** How many events wait. */
    synchronized int size() {
        return waiting.size();
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** What was taken. */
    synchronized List<Event> events() {
        return List.copyOf(taken);
    }

    /** The positions of the durable events that were taken. */
    synchronized List<Long> positions() {
        return taken.stream()
                .filter(Told.class::isInstance)
                .map(event -> ((Told) event).position())
                .toList();
    }

    /** Waits until the mailbox is as it should be, asking again and again; fails if it never is. */
    synchronized Mailbox await(String what, Predicate<Mailbox> condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.test(this)) {
            if (System.nanoTime() - deadline >= 0) {
                throw new AssertionError("never " + what + ": took " + taken.size() + " events, " + positions());
            }
            wait(STEP_MILLIS);
        }
        return this;
    }

    /** Waits until the stream has said that it is caught up. */
    Mailbox awaitCaughtUp() throws InterruptedException {
        return await("caught up", box -> box.taken.stream().anyMatch(Event.CaughtUp.class::isInstance));
    }
}
