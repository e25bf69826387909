package ephemera.core.inbox;

import ephemera.core.directory.Caller;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.Entry;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Position;
import java.util.ArrayList;
import java.util.List;

/**
 * One open stream of a person: the state machine between the log, the live entries and the sink.
 *
 * <p>Thread-safe; see the package comment for what the lock guards.
 */
final class Stream {

    private enum State {
        READING_LOG,
        LIVE,
        CLOSED
    }

    private final Caller caller;
    private final StreamOptions options;
    private final Sink sink;
    private final Log log;
    private final Inbox.Meter meter;
    private final int page;

    private State state = State.READING_LOG;
    /** Everything up to here was offered to the sink or is not for it. */
    private long offered;
    /** The last position that was published while this stream read the log. */
    private long published;

    private final Coverage coverage;
    /** Messages that were pushed to an auto-deliver stream and are not marked yet, with their positions. */
    private final List<Entry> undelivered = new ArrayList<>(0);

    private long acknowledgedThrough;

    Stream(Caller caller, StreamOptions options, Sink sink, Log log, Inbox.Meter meter, int page, int tracked) {
        this.caller = caller;
        this.options = options;
        this.sink = sink;
        this.log = log;
        this.meter = meter;
        this.page = page;
        this.offered = options.resumeAfter()
                .map(Position::value)
                .orElseGet(() -> options.replays() ? 0 : log.head().value());
        this.acknowledgedThrough = offered;
        this.coverage = new Coverage(offered, tracked);
    }

    PersonId person() {
        return caller.id();
    }

    String key() {
        return caller.credential().key();
    }

    StreamOptions options() {
        return options;
    }

    /** Reads the log until there is nothing left, then goes live; runs on a thread of its own that may wait. */
    void replay() throws InterruptedException {
        boolean replays = options.replays() || options.resumeAfter().isPresent();
        Log.Page first = replays ? read() : new Log.Page(List.of(), new Position(offered));
        long count = first.entries().size();
        if (count >= page) {
            count = log.count(person(), new Position(offered), options.resumeAfter().isPresent());
        }
        if (!put(new Event.ReplayStarted(count)) || !tell(first)) {
            return;
        }
        while (first.entries().size() >= page) {
            first = read();
            if (!tell(first)) {
                return;
            }
        }
        meter.replayed((int) count);
        if (!put(new Event.CaughtUp())) {
            return;
        }
        if (options.closesWhenCaughtUp()) {
            close();
            return;
        }
        // Without a replay nothing was read yet: what was published before this stream was registered is in the log only.
        if (replays || tell(read())) {
            catchUp();
        }
    }

    /** Reads what was published meanwhile until the log holds nothing more, then goes live. */
    private void catchUp() throws InterruptedException {
        while (!goLiveIfCaughtUp()) {
            if (!tell(read())) {
                return;
            }
        }
    }

    private Log.Page read() {
        return log.read(person(), new Position(offered), options.resumeAfter().isPresent(), page);
    }

    private boolean tell(Log.Page page) throws InterruptedException {
        for (Entry entry : page.entries()) {
            if (isWanted(entry.notice()) && !put(Event.of(entry))) {
                return false;
            }
        }
        synchronized (this) {
            offered = Math.max(offered, page.through().value());
        }
        return true;
    }

    /** Offers an event until there is room; false if the stream was closed meanwhile. */
    private boolean put(Event event) throws InterruptedException {
        while (true) {
            synchronized (this) {
                if (state == State.CLOSED) {
                    return false;
                }
                if (sink.offer(event)) {
                    noteOffered(event);
                    return true;
                }
            }
            if (!sink.awaitRoom()) {
                return false;
            }
        }
    }

    private synchronized boolean goLiveIfCaughtUp() {
        if (state == State.CLOSED) {
            return true;
        }
        if (published > offered) {
            return false;
        }
        state = State.LIVE;
        return true;
    }

    /** Takes an entry that was just published. */
    synchronized void publish(Told event) {
        if (state != State.LIVE) {
            published = Math.max(published, event.position());
            return;
        }
        if (event.position() <= offered) {
            return;
        }
        if (!isWanted(event.entry().notice())) {
            offered = event.position();
        } else if (sink.offer(event)) {
            noteOffered(event);
        } else {
            fallBehind(event.position());
        }
    }

    /** The reader is slow: from now on the log is read, as soon as there is room. */
    private void fallBehind(long position) {
        state = State.READING_LOG;
        published = position;
        meter.fellBehind();
        Thread.ofVirtual().name("stream behind").start(() -> {
            try {
                if (sink.awaitRoom()) {
                    catchUp();
                }
            } catch (InterruptedException _) {
                close();
            } catch (RuntimeException e) {
                // The log cannot be read: the client reconnects and gets its replay.
                close();
                throw e;
            }
        });
    }

    /** Takes an event that is not stored; it is lost if there is no room. */
    synchronized void pass(Event.Passing event) {
        boolean asked = !(event instanceof Event.Typing) || options.typing();
        if (state == State.LIVE && asked) {
            sink.offer(event);
        }
    }

    private void noteOffered(Event event) {
        if (event instanceof Told told) {
            offered = told.position();
            coverage.pushed(offered);
            if (options.delivers() && told.entry().notice() instanceof Notice.Sent(var message, var _)
                    && !message.sender().equals(person())) {
                undelivered.add(told.entry());
            }
        }
    }

    private boolean isWanted(Notice notice) {
        return options.conversation().isEmpty()
                || !(notice instanceof Notice.Sent(var message, var _))
                || message.conversation().equals(options.conversation().get());
    }

    /** Notes acknowledged positions; those that this stream does not cover stay in the list. */
    synchronized void acknowledge(List<Long> positions) {
        positions.removeIf(coverage::acknowledged);
    }

    /** What is acknowledged since the last call, as ranges. */
    synchronized Ranges acknowledged() {
        return coverage.acknowledged();
    }

    /** What an auto-ack stream has written since the last call, as ranges. */
    synchronized Ranges acknowledgedByWriting() {
        long written = sink.written();
        if (!options.acknowledges() || written <= acknowledgedThrough) {
            return Ranges.NONE;
        }
        coverage.acknowledgedThrough(written);
        acknowledgedThrough = written;
        return coverage.acknowledged();
    }

    /** The messages that an auto-deliver stream has written since the last call. */
    synchronized List<MessageId> deliveredByWriting() {
        if (undelivered.isEmpty()) {
            return List.of();
        }
        long written = sink.written();
        List<MessageId> delivered = new ArrayList<>();
        undelivered.removeIf(entry -> {
            boolean gone = entry.position().value() <= written;
            if (gone && entry.notice() instanceof Notice.Sent(var message, var _)) {
                delivered.add(message.id());
            }
            return gone;
        });
        return delivered;
    }

    /** Ends the stream; what was offered is still written. */
    void close() {
        synchronized (this) {
            state = State.CLOSED;
        }
        sink.close();
    }
}
