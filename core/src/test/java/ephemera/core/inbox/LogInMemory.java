package ephemera.core.inbox;

import ephemera.core.Failure;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.Audience;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Position;
import ephemera.core.talk.Rooms;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A journal in memory that keeps the promises of the ports, for tests of what is built on them: positions with gaps,
 * entries that expire, pages that hold less than they might, and a store that can be away. Thread-safe.
 */
final class LogInMemory implements Log, Rooms {

    private final List<Entry> entries = new ArrayList<>();
    private final Set<Long> expired = new HashSet<>();
    private final Map<PersonId, List<Ranges.Range>> acknowledged = new HashMap<>();
    private final Map<ConversationId, Conversation.Group> groups = new HashMap<>();
    private long head;
    private boolean away;

    /** Commits an entry so many positions behind the last one. */
    synchronized Entry append(int step, Audience audience, Notice notice) {
        head += step;
        Entry entry = new Entry(new Position(head), audience, notice, Instant.MAX);
        entries.add(entry);
        notifyAll();
        return entry;
    }

    /** Ends the life of the entry at a position: it is read no more. */
    synchronized void expire(long position) {
        expired.add(position);
    }

    /** Makes all calls fail, or work again. */
    synchronized void setAway(boolean away) {
        this.away = away;
    }

    /** Adds a group or replaces it. */
    synchronized void put(Conversation.Group group) {
        groups.put(group.id(), group);
    }

    /** Waits until the head has reached a position. */
    synchronized void awaitHead(long position) throws InterruptedException {
        while (head < position) {
            wait();
        }
    }

    /** The positions of all entries that concern the person, expired ones included, in order. */
    synchronized List<Long> positionsOf(PersonId person) {
        return entries.stream().filter(entry -> concerns(entry, person)).map(entry -> entry.position().value())
                .toList();
    }

    synchronized Set<Long> expired() {
        return Set.copyOf(expired);
    }

    synchronized boolean isAcknowledged(PersonId person, long position) {
        return acknowledged.getOrDefault(person, List.of()).stream()
                .anyMatch(range -> range.first() <= position && position <= range.last());
    }

    private boolean concerns(Entry entry, PersonId person) {
        return switch (entry.audience()) {
            case Audience.Only(var people) -> people.contains(person);
            case Audience.Members(var conversation) ->
                    Objects.requireNonNull(groups.get(conversation), "a group of this log")
                            .has(person);
        };
    }

    private void requireHere() {
        if (away) {
            throw Failure.UNAVAILABLE.refused();
        }
    }

    @Override
    public synchronized Position head() {
        requireHere();
        return new Position(head);
    }

    /**
     * Like a database it limits the rows and then drops what it finds to be over, so that a page may be short or empty.
     */
    @Override
    public synchronized Page read(PersonId person, Position after, boolean acknowledgedToo, int limit) {
        requireHere();
        List<Entry> found = new ArrayList<>();
        int rows = 0;
        for (Entry entry : entries) {
            long position = entry.position().value();
            boolean waits = acknowledgedToo || !isAcknowledged(person, position);
            if (position > after.value() && concerns(entry, person) && waits) {
                rows++;
                if (!expired.contains(position)) {
                    found.add(entry);
                }
                if (rows == limit) {
                    return new Page(found, entry.position(), position < head);
                }
            }
        }
        return new Page(found, new Position(head), false);
    }

    @Override
    public synchronized long count(PersonId person, Position after, boolean acknowledgedToo) {
        return read(person, after, acknowledgedToo, Integer.MAX_VALUE).entries().size();
    }

    @Override
    public synchronized void acknowledge(PersonId person, Ranges ranges) {
        requireHere();
        acknowledged.computeIfAbsent(person, _ -> new ArrayList<>()).addAll(ranges.ranges());
    }

    @Override
    public synchronized Optional<Conversation.Group> group(ConversationId id) {
        requireHere();
        return Optional.ofNullable(groups.get(id));
    }

    @Override
    public Optional<Conversation.Group> groupAtHand(ConversationId id) {
        return group(id);
    }

    @Override
    public Optional<Conversation.Direct> direct(ConversationId id) {
        return Optional.empty();
    }
}
