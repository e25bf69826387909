package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.PersonId;
import ephemera.core.inbox.Log;
import ephemera.core.inbox.Ranges;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Journal;
import ephemera.core.talk.Message;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Outgoing;
import ephemera.core.talk.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Earlier messages are never all in memory, nor opened by the journal's writer: whoever joins reads them in the log.
 */
@Timeout(180)
class LongHistoryIsToldInPieces {

    private static final int EARLIER = 300;

    private final OwnDatabase own = new OwnDatabase();
    private final Node node = new Node(own).start();
    private final PersonId alice = node.person();
    private final PersonId bob = node.person();
    private ConversationId group;
    private List<Message> earlier;

    @BeforeEach
    void begin() {
        group = node.group(List.of(alice), true);
        List<Outgoing> all = Stream.generate(() -> Node.toGroup(alice, group, "")).limit(EARLIER).toList();
        earlier = node.journal.send(all).stream().map(Journal.Appended::message).toList();
        node.heard.take();
    }

    @AfterEach
    void end() {
        node.close();
        own.close();
    }

    private void join(List<PersonId> people) {
        node.journal.change(new Journal.Membership(group, alice, people, List.of(), 10_000, true));
    }

    /** All that somebody has not acknowledged, read so many at once, none of whose pages is longer than two such. */
    private List<Entry> read(PersonId person, int limit) {
        List<Entry> entries = new ArrayList<>();
        Position cursor = Position.START;
        for (boolean more = true; more;) {
            Log.Page page = node.log.read(person, cursor, false, limit);
            assertThat(page.entries()).hasSizeLessThanOrEqualTo(2 * limit);
            entries.addAll(page.entries());
            cursor = page.through();
            more = page.more();
        }
        return entries;
    }

    private static List<Message> history(List<Entry> entries) {
        return entries.stream()
                .map(Entry::notice)
                .filter(notice -> notice instanceof Notice.Sent(var _, boolean history) && history)
                .map(notice -> ((Notice.Sent) notice).message())
                .toList();
    }

    @Test
    void fromTheLog() {
        join(List.of(bob));
        for (int limit : List.of(7, 100, 1_000)) {
            List<Entry> told = read(bob, limit);
            assertThat(history(told)).isEqualTo(earlier);
            assertThat(told).extracting(Entry::position).isSorted().doesNotHaveDuplicates();
        }
        long first = read(bob, 1_000).stream()
                .filter(entry -> entry.notice() instanceof Notice.Sent)
                .findFirst()
                .orElseThrow()
                .position()
                .value();
        node.log.acknowledge(bob, new Ranges(List.of(new Ranges.Range(first + 10, first + 249))));
        assertThat(history(read(bob, 20)))
                .isEqualTo(Stream.concat(earlier.subList(0, 10).stream(), earlier.subList(250, EARLIER).stream())
                        .toList());
    }

    @Test
    void andLiveStreamsAreSentThereBeforeAnythingElse() {
        join(List.of(bob));
        List<Node.Told> told = node.heard.all();
        assertThat(told.getFirst())
                .isEqualTo(new Node.Told.MissedBy(Set.of(bob), node.log.head()));
        assertThat(told.subList(1, told.size())).isNotEmpty().allMatch(
                each -> each instanceof Node.Told.Published(Entry entry) && !(entry.notice() instanceof Notice.Sent));
    }

    @Test
    void andACrowdIsToldTheLatest() {
        List<PersonId> crowd = Stream.generate(node::person).limit(1_000).toList();
        join(crowd);
        assertThat(node.number("SELECT sum(width) FROM notice WHERE kind = 'HISTORY'")).isEqualTo(200_000);
        assertThat(history(read(crowd.getLast(), 500))).isEqualTo(earlier.subList(EARLIER - 200, EARLIER));
    }
}
