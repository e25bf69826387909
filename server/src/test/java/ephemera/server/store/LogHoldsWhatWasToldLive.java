package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Position;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Timeout;

/**
 * Whoever was away reads the same as whoever was there, entry by entry, but for what is gone, what is no longer theirs,
 * and what they have acknowledged: conversations, joins, leaves, histories, recalls, deletions and acknowledgements at
 * random, against plain lists.
 */
@Timeout(120)
class LogHoldsWhatWasToldLive {

    private final OwnDatabase own = new OwnDatabase();
    private final Node node = new Node(own);
    private final LiveStreams streams = new LiveStreams(node);
    private final PlainLog plain = new PlainLog();

    @BeforeEach
    void begin() {
        node.start(streams);
    }

    @AfterEach
    void end() {
        node.close();
        own.close();
    }

    @RepeatedTest(6)
    void whateverHappened(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        RandomTalk talk = new RandomTalk(node, streams, plain, random);
        for (int step = 0; step < 120; step++) {
            talk.act();
            if (step % 20 == 19) {
                for (PersonId person : talk.people()) {
                    check(person, random);
                }
            }
        }
    }

    private void check(PersonId person, Random random) {
        List<Entry> told = streams.told(person);
        List<Entry> whole = plain.whole(person, told);
        List<Entry> open = plain.open(person, told);
        assertThat(told).as("told live").isSortedAccordingTo((a, b) -> a.position().compareTo(b.position()));
        assertThat(streams.read(person, 0, true, 1 + random.nextInt(20))).isEqualTo(whole);
        assertThat(streams.read(person, 0, false, 1 + random.nextInt(20))).isEqualTo(open);
        assertThat(streams.read(person, 0, false, 10_000)).isEqualTo(open);
        assertThat(node.log.count(person, Position.START, true)).isGreaterThanOrEqualTo(whole.size());
        assertThat(node.log.count(person, Position.START, false)).isGreaterThanOrEqualTo(open.size());
        long after = random.nextLong(node.log.head().value() + 1);
        assertThat(streams.read(person, after, true, 1 + random.nextInt(20))).isEqualTo(behind(after, whole));
        assertThat(streams.read(person, after, false, 1 + random.nextInt(20))).isEqualTo(behind(after, open));
    }

    private static List<Entry> behind(long position, List<Entry> entries) {
        return entries.stream().filter(entry -> entry.position().value() > position).toList();
    }
}
