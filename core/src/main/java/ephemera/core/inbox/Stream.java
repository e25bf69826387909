package ephemera.core.inbox;

import ephemera.core.directory.Caller;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.Entry;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Position;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * One open stream of a person: the state machine between the log, the live entries and the sink.
 *
 * <p>Thread-safe; see the package comment for what the lock guards.
 */
final class Stream {

    private static final Logger LOG = System.getLogger(Stream.class.getName());
    private static final Coverage.Report NOTHING = new Coverage.Report(Ranges.NONE, 0);

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

    /** What was pushed to a stream that is acknowledged by its client. */
    private final Coverage coverage;
    /** What was pushed to an auto-ack stream of one conversation and is not stored as acknowledged yet. */
    private final List<Long> unsettled = new ArrayList<>(0);
    /** Messages that were pushed to an auto-deliver stream and are not marked yet, with their positions. */
    private final List<Entry> undelivered = new ArrayList<>(0);

    /** Up to where what an auto-ack stream has written is stored as acknowledged. */
    private long settledThrough;

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
        this.settledThrough = offered;
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
        Log.Page first = replays ? read() : new Log.Page(List.of(), new Position(offered), false);
        long count = count(first);
        if (!put(new Event.ReplayStarted(count)) || !tellAll(first)) {
            return;
        }
        meter.replayed((int) count);
        if (!put(new Event.CaughtUp())) {
            return;
        }
        if (options.closesWhenCaughtUp()) {
            close();
            return;
        }
        // Without a replay nothing was read yet: what was published before this stream was registered is in the log
        // only.
        if (replays || tellAll(read())) {
            catchUp();
        }
    }

    /** Reads what was published meanwhile until the log holds nothing more, then goes live. */
    private void catchUp() throws InterruptedException {
        while (!goLiveIfCaughtUp()) {
            if (!tellAll(read())) {
                return;
            }
        }
    }

    /** How many events the replay that begins with that page has. */
    private long count(Log.Page first) {
        boolean acknowledgedToo = options.resumeAfter().isPresent();
        if (first.more() && isWhole()) {
            return log.count(person(), new Position(offered), acknowledgedToo);
        }
        long count = wanted(first);
        for (Log.Page next = first; next.more(); count += wanted(next)) {
            // A long replay of one conversation: its pages are read twice, which is rare, rather than kept.
            next = log.read(person(), next.through(), acknowledgedToo, page);
        }
        return count;
    }

    private long wanted(Log.Page told) {
        return told.entries().stream().filter(entry -> isWanted(entry.notice())).count();
    }

    private Log.Page read() {
        return log.read(person(), new Position(offered), options.resumeAfter().isPresent(), page);
    }

    /** Tells a page and all that follow it; false if the stream was closed meanwhile. */
    private boolean tellAll(Log.Page first) throws InterruptedException {
        Log.Page next = first;
        while (true) {
            if (tell(next)) {
                if (!next.more()) {
                    return true;
                }
            } else if (!sink.awaitRoom()) {
                return false;
            }
            next = read();
        }
    }

    /**
     * Tells a page as far as there is room; false if there was not enough. What is left of it is read anew then: while
     * the stream waits, a message may go away, or the person be removed from a group.
     */
    private boolean tell(Log.Page page) {
        for (Entry entry : page.entries()) {
            if (isWanted(entry.notice()) && !offer(Event.of(entry))) {
                return false;
            }
        }
        synchronized (this) {
            offered = Math.max(offered, page.through().value());
        }
        return true;
    }

    private synchronized boolean offer(Event event) {
        if (state == State.CLOSED || !sink.offer(event)) {
            return false;
        }
        noteOffered(event);
        return true;
    }

    /** Offers an event until there is room; false if the stream was closed meanwhile. */
    private boolean put(Event event) throws InterruptedException {
        while (true) {
            if (offer(event)) {
                return true;
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

    /** Notes that entries up to a position may never be published: a live stream looks for them in the log. */
    synchronized void missed(long position) {
        if (state == State.LIVE && position > offered) {
            fallBehind(position);
        } else {
            published = Math.max(published, position);
        }
    }

    /** Something was not taken live: from now on the log is read, as soon as there is room. */
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
                LOG.log(Level.DEBUG, "A stream cannot read the log and is closed.", e);
                close();
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
            if (!isWhole()) {
                // What lies between two events of this stream is not told: no range may reach over it.
                if (options.acknowledges()) {
                    unsettled.add(offered);
                }
            } else if (!options.acknowledges()) {
                coverage.pushed(offered);
            }
            if (options.delivers() && told.entry().notice() instanceof Notice.Sent(var message, var _)
                    && !message.sender().equals(person())) {
                undelivered.add(told.entry());
            }
        }
    }

    /** Whether every event of the person is told. */
    private boolean isWhole() {
        return options.conversation().isEmpty();
    }

    private boolean isWanted(Notice notice) {
        return sink.tells(notice)
                && (options.conversation().isEmpty()
                        || !(notice instanceof Notice.Sent(var message, var _))
                        || message.conversation().equals(options.conversation().get()));
    }

    /** Notes acknowledged positions; those that this stream does not cover stay in the list. */
    synchronized void acknowledge(List<Long> positions) {
        positions.removeIf(coverage::acknowledged);
    }

    /** What is acknowledged and not known to be stored. */
    synchronized Coverage.Report acknowledged() {
        return coverage.report();
    }

    /** Notes that what {@link #acknowledged} told is on disk. */
    synchronized void stored(Coverage.Report report) {
        coverage.stored(report);
    }

    /** What an auto-ack stream has written and is not known to be stored as acknowledged. */
    synchronized Coverage.Report acknowledgedByWriting() {
        long written = sink.written();
        if (!options.acknowledges() || written <= settledThrough) {
            return NOTHING;
        }
        List<Ranges.Range> ranges = isWhole()
                ? List.of(new Ranges.Range(settledThrough + 1, written))
                : unsettled.stream()
                        .filter(position -> position <= written)
                        .map(position -> new Ranges.Range(position, position))
                        .toList();
        return new Coverage.Report(new Ranges(ranges), written);
    }

    /** Notes that what {@link #acknowledgedByWriting} told is on disk. */
    synchronized void settled(Coverage.Report report) {
        settledThrough = Math.max(settledThrough, report.through());
        unsettled.removeIf(position -> position <= report.through());
    }

    /** The messages that an auto-deliver stream has written and that are not known to be marked. */
    synchronized List<MessageId> deliveredByWriting() {
        if (undelivered.isEmpty()) {
            return List.of();
        }
        long written = sink.written();
        List<MessageId> delivered = new ArrayList<>();
        for (Entry entry : undelivered) {
            if (entry.position().value() <= written && entry.notice() instanceof Notice.Sent(var message, var _)) {
                delivered.add(message.id());
            }
        }
        return delivered;
    }

    /** Notes that messages are marked as delivered, on disk. */
    synchronized void marked(Set<MessageId> delivered) {
        undelivered.removeIf(
                entry -> entry.notice() instanceof Notice.Sent(var message, var _) && delivered.contains(message.id()));
    }

    /** Ends the stream; what was offered is still written. */
    void close() {
        synchronized (this) {
            state = State.CLOSED;
        }
        sink.close();
    }
}
