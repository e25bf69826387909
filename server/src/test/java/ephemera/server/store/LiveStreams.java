package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.PersonId;
import ephemera.core.inbox.Bus;
import ephemera.core.inbox.Log;
import ephemera.core.talk.Audience;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.Entry;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Position;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the streams of each person would be told, who is in a group being asked at that moment. The journal tells on its
 * own threads.
 */
final class LiveStreams implements Bus {

    private final Node node;
    private final Map<PersonId, List<Entry>> live = new HashMap<>();

    LiveStreams(Node node) {
        this.node = node;
    }

    @Override
    public void publish(List<Entry> entries) {
        for (Entry entry : entries) {
            Collection<PersonId> told = switch (entry.audience()) {
                case Audience.Only(var only) -> only;
                case Audience.Members(var group) ->
                        node.rooms.group(group).map(Conversation::members).orElse(Set.of());
            };
            synchronized (live) {
                told.forEach(person -> add(person, entry));
            }
        }
    }

    /** As a live stream does, which reads on from where it is and passes over what is published afterwards. */
    @Override
    public void missed(Collection<PersonId> people, Position through) {
        synchronized (live) {
            for (PersonId person : people) {
                read(person, last(person), true, 7).forEach(entry -> add(person, entry));
            }
        }
    }

    @Override
    public void missed(Position through) {
        throw new AssertionError("nothing is missed by the only process");
    }

    private void add(PersonId person, Entry entry) {
        if (entry.position().value() > last(person)) {
            live.computeIfAbsent(person, _ -> new ArrayList<>()).add(entry);
        }
    }

    private long last(PersonId person) {
        List<Entry> told = live.getOrDefault(person, List.of());
        return told.isEmpty() ? 0 : told.getLast().position().value();
    }

    /** All that somebody was told live, in its order. */
    List<Entry> told(PersonId person) {
        synchronized (live) {
            return List.copyOf(live.getOrDefault(person, List.of()));
        }
    }

    /** The earlier messages that somebody was told live since a position. */
    List<MessageId> history(PersonId person, long since) {
        return told(person).stream()
                .filter(entry -> entry.position().value() > since)
                .map(Entry::notice)
                .filter(notice -> notice instanceof Notice.Sent(var _, boolean history) && history)
                .map(notice -> ((Notice.Sent) notice).message().id())
                .toList();
    }

    /** All pages of the log behind a position, each of at most so many entries. */
    List<Entry> read(PersonId person, long after, boolean acknowledgedToo, int limit) {
        List<Entry> entries = new ArrayList<>();
        Position cursor = new Position(after);
        for (boolean more = true; more;) {
            Log.Page page = node.log.read(person, cursor, acknowledgedToo, limit);
            entries.addAll(page.entries());
            more = page.more();
            if (more) {
                assertThat(page.through()).as("a page goes forward").isGreaterThan(cursor);
            }
            cursor = page.through();
        }
        return entries;
    }
}
