package ephemera.core.inbox;

import ephemera.core.Failure;
import ephemera.core.Limits;
import ephemera.core.Refused;
import ephemera.core.directory.Caller;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.Audience;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Journal;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Position;
import ephemera.core.talk.ReceiptStatus;
import ephemera.core.talk.Rooms;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * All open streams of this node, and how they are told.
 *
 * <p>Thread-safe. {@link #publish} is called by one thread in the order of positions.
 */
public final class Inbox implements Bus {

    private static final Logger LOG = System.getLogger(Inbox.class.getName());

    private final Log log;
    private final Rooms rooms;
    private final Journal receipts;
    private final Standing standing;
    private final Limits limits;
    private final Meter meter;
    private final Map<PersonId, CopyOnWriteArrayList<Stream>> streams = new ConcurrentHashMap<>();
    /** The last position that was published on this node. */
    private volatile long published;

    /** Whether what somebody showed when they were recognised is still good (a port). */
    public interface Standing {

        /** Whether it is; once it is revoked on any process and this one was told, it is not. */
        boolean holds(Caller caller);
    }

    /** What is measured of streams. */
    public interface Meter {

        /** A stream was told what had happened before it began. */
        void replayed(int events);

        /** A stream was too slow and went back to reading the log. */
        void fellBehind();
    }

    /** Makes an inbox that replays from that log and marks messages in that journal for auto-deliver streams. */
    public Inbox(Log log, Rooms rooms, Journal receipts, Standing standing, Limits limits, Meter meter) {
        this.log = log;
        this.rooms = rooms;
        this.receipts = receipts;
        this.standing = standing;
        this.limits = limits;
        this.meter = meter;
    }

    /**
     * Opens a stream and begins its replay on a thread of its own.
     *
     * <p>If the person has too many streams open, the oldest is closed: mostly it is a connection that nobody holds any
     * more.
     *
     * @return what to call when the reader is gone
     * @throws Refused with {@code WRONG_CREDENTIALS} if what the caller showed was revoked meanwhile; the stream is
     *     closed then
     */
    public Runnable open(Caller caller, StreamOptions options, Sink sink) {
        Stream stream =
                new Stream(caller, options, sink, log, meter, limits.replayPage(), limits.unacknowledgedTracked());
        streams.compute(caller.id(), (_, open) -> {
            CopyOnWriteArrayList<Stream> all = open == null ? new CopyOnWriteArrayList<>() : open;
            if (all.size() >= limits.streamsPerPerson()) {
                all.removeFirst().close();
            }
            all.add(stream);
            return all;
        });
        requireStanding(caller, stream);
        Thread.ofVirtual().name("stream replay").start(() -> {
            try {
                stream.replay();
            } catch (InterruptedException _) {
                close(stream);
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "A replay failed; the client will try again.", e);
                close(stream);
            }
        });
        return () -> close(stream);
    }

    /** A revocation that came before the stream was registered has found nothing to close. */
    private void requireStanding(Caller caller, Stream stream) {
        boolean stands = false;
        try {
            stands = standing.holds(caller);
        } finally {
            if (!stands) {
                close(stream);
            }
        }
        if (!stands) {
            throw Failure.WRONG_CREDENTIALS.refused();
        }
    }

    /** How many streams are open. */
    public int size() {
        return streams.values().stream().mapToInt(List::size).sum();
    }

    /** Closes all streams of a person and returns how many there were. */
    public int closeAll(PersonId person) {
        return closeWhere(person, _ -> true);
    }

    /** Tells the streams that a revoked key had opened that they are signed out, and closes them. */
    public void revoked(PersonId person, String key) {
        List<Stream> open = streams.getOrDefault(person, new CopyOnWriteArrayList<>());
        open.stream().filter(stream -> stream.key().equals(key)).forEach(stream -> stream.pass(new Event.SignedOut()));
        closeWhere(person, stream -> stream.key().equals(key));
    }

    /** The keys by which open streams were signed in, with their owners. */
    public Map<String, PersonId> keys() {
        return streams.values().stream()
                .flatMap(List::stream)
                .collect(Collectors.toMap(Stream::key, Stream::person, (one, _) -> one));
    }

    /** Closes every stream of this node. */
    public void closeAll() {
        streams.keySet().forEach(this::closeAll);
    }

    private int closeWhere(PersonId person, Predicate<Stream> which) {
        List<Stream> closing = streams.getOrDefault(person, new CopyOnWriteArrayList<>()).stream()
                .filter(which)
                .toList();
        closing.forEach(this::close);
        return closing.size();
    }

    private void close(Stream stream) {
        try {
            settle(stream);
        } catch (RuntimeException e) {
            // What it has written comes again with the next replay; a stream that is to end ends all the same.
            LOG.log(Level.DEBUG, "A stream was closed before it was settled.", e);
        }
        streams.computeIfPresent(stream.person(), (_, open) -> {
            open.remove(stream);
            return open.isEmpty() ? null : open;
        });
        stream.close();
    }

    @Override
    public void publish(List<Entry> entries) {
        for (Entry entry : entries) {
            published = entry.position().value();
            Told event = Event.of(entry);
            switch (entry.audience()) {
                case Audience.Only(List<PersonId> people) -> people.forEach(person -> publish(person, event));
                case Audience.Members(var conversation) ->
                        rooms.group(conversation)
                                .map(Conversation::members)
                                .ifPresent(members -> members.forEach(person -> publish(person, event)));
            }
        }
    }

    @Override
    public void missed(Position through) {
        published = Math.max(published, through.value());
        streams.values().forEach(open -> open.forEach(stream -> stream.missed(through.value())));
    }

    @Override
    public void missed(Collection<PersonId> people, Position through) {
        for (PersonId person : people) {
            streams.getOrDefault(person, new CopyOnWriteArrayList<>())
                    .forEach(stream -> stream.missed(through.value()));
        }
    }

    private void publish(PersonId person, Told event) {
        List<Stream> open = streams.get(person);
        if (open != null) {
            open.forEach(stream -> stream.publish(event));
        }
    }

    /** Tells people something that is not stored. */
    public void pass(Collection<PersonId> people, Event.Passing event) {
        for (PersonId person : people) {
            streams.getOrDefault(person, new CopyOnWriteArrayList<>()).forEach(stream -> stream.pass(event));
        }
    }

    /**
     * Passes if a call may name so many events, whatever they are.
     *
     * @throws Refused with {@code INVALID} if they are too many
     */
    public void requireFew(int events) {
        if (events > limits.idsPerCall()) {
            throw Failure.INVALID.refused("At most " + limits.idsPerCall() + " events are allowed in one call.");
        }
    }

    /**
     * Stores that a person has acknowledged events; positions that no change has yet are passed over.
     *
     * <p>All of them are on disk when this returns, also those that another call is about to store.
     */
    public void acknowledge(PersonId person, Collection<Position> positions) {
        long latest = positions.stream().mapToLong(Position::value).max().orElse(0);
        // Another node may have published what this one has not heard of yet; a position from the future is a mistake
        // or an attack.
        long head = latest <= published ? latest : log.head().value();
        List<Long> open = positions.stream()
                .map(Position::value)
                .filter(position -> position <= head)
                .collect(Collectors.toCollection(ArrayList::new));
        Ranges acknowledged = Ranges.NONE;
        Set<Long> uncovered = new LinkedHashSet<>(open);
        Map<Stream, Coverage.Report> reports = new LinkedHashMap<>();
        for (Stream stream : streams.getOrDefault(person, new CopyOnWriteArrayList<>())) {
            List<Long> others = new ArrayList<>(open);
            stream.acknowledge(others);
            uncovered.retainAll(new HashSet<>(others));
            Coverage.Report report = stream.acknowledged();
            reports.put(stream, report);
            acknowledged = acknowledged.and(report.ranges());
        }
        acknowledged = acknowledged.and(new Ranges(uncovered.stream()
                .map(position -> new Ranges.Range(position, position))
                .toList()));
        if (!acknowledged.isEmpty()) {
            log.acknowledge(person, acknowledged);
            reports.forEach(Stream::stored);
        }
    }

    /** Acknowledges and marks what auto-ack and auto-deliver streams have written; called several times a second. */
    public void settle() {
        streams.values().forEach(open -> open.forEach(this::settle));
    }

    private void settle(Stream stream) {
        // Receipts first: if the server stops in between, the events come again, and their receipts with them.
        List<MessageId> delivered = stream.deliveredByWriting();
        if (!delivered.isEmpty()) {
            receipts.mark(
                    stream.person(),
                    delivered.stream()
                            .collect(Collectors.toMap(id -> id, _ -> ReceiptStatus.DELIVERED, (one, _) -> one)));
            stream.marked(Set.copyOf(delivered));
        }
        Coverage.Report acknowledged = stream.acknowledgedByWriting();
        if (!acknowledged.ranges().isEmpty()) {
            log.acknowledge(stream.person(), acknowledged.ranges());
            stream.settled(acknowledged);
        }
    }
}
