package ephemera.core.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.Refused;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Position;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** And one that was not acknowledged always does. */
@Timeout(180)
class AcknowledgedEventNeverComesAgain {

    private static final StreamOptions AUTO_ACK =
            new StreamOptions(true, false, false, true, false, Optional.empty(), Optional.empty());

    private Ward ward;

    @BeforeEach
    void makeWard() {
        ward = new Ward(1, 4, 5);
    }

    private record Open(Mailbox mailbox, Runnable close, StreamOptions options) {}

    private Open open(StreamOptions options) {
        Mailbox mailbox = Mailbox.ofFastReader();
        return new Open(mailbox, ward.inbox.open(ward.bob, options, mailbox), options);
    }

    private List<Long> replayed() throws InterruptedException {
        Open fresh = open(StreamOptions.PLAIN);
        List<Long> positions = fresh.mailbox().awaitCaughtUp().positions();
        fresh.close().run();
        return positions;
    }

    private long send() {
        Entry entry = ward.message(1, ward.alice, ward.bob);
        ward.publish(entry);
        return entry.position().value();
    }

    private void acknowledge(Collection<Long> positions) {
        ward.inbox.acknowledge(ward.bob.id(), positions.stream().map(Position::new).toList());
    }

    /**
     * Streams of all kinds come and go, acknowledge what they were told in any order, and the store fails now and then.
     */
    @RepeatedTest(60)
    void whateverTheStreamsDo(RepetitionInfo repetition) throws Exception {
        long seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        ward = new Ward(seed, 1 + random.nextInt(6), 1 + random.nextInt(8));
        ConversationId withAlice = ConversationId.between(ward.alice.id(), ward.bob.id());
        Set<Long> acknowledged = new TreeSet<>();
        List<Open> streams = new ArrayList<>();
        for (int step = 0; step < 120; step++) {
            switch (random.nextInt(6)) {
                case 0, 1 -> publish(random);
                case 2 -> {
                    if (streams.size() < 3) {
                        streams.add(open(options(random, withAlice)));
                        streams.getLast().mailbox().awaitCaughtUp();
                    }
                }
                case 3 -> {
                    if (!streams.isEmpty()) {
                        Open closing = streams.remove(random.nextInt(streams.size()));
                        closing.close().run();
                        noteWritten(closing, acknowledged);
                    }
                }
                case 4 -> {
                    ward.inbox.settle();
                    streams.forEach(stream -> noteWritten(stream, acknowledged));
                }
                default -> acknowledgeSome(random, streams, acknowledged);
            }
        }
        for (Open stream : streams) {
            stream.close().run();
            noteWritten(stream, acknowledged);
        }
        List<Long> all = ward.log.positionsOf(ward.bob.id());
        assertThat(replayed())
                .isEqualTo(all.stream().filter(position -> !acknowledged.contains(position)).toList());
    }

    private void publish(Random random) {
        for (int i = random.nextInt(8); i >= 0; i--) {
            int step = 1 + random.nextInt(3);
            ward.publish(switch (random.nextInt(5)) {
                case 0 -> ward.groupMessage(step, ward.carol);
                case 1 -> ward.notice(step, ward.bob);
                case 2 -> ward.message(step, ward.alice, ward.carol);
                case 3 -> ward.message(step, ward.carol, ward.bob);
                default -> ward.message(step, ward.alice, ward.bob);
            });
        }
    }

    private StreamOptions options(Random random, ConversationId withAlice) {
        long head = ward.log.head().value();
        return new StreamOptions(
                random.nextInt(3) == 0,
                false,
                false,
                random.nextInt(4) > 0,
                false,
                random.nextInt(3) == 0 ? Optional.of(withAlice) : Optional.empty(),
                random.nextInt(4) == 0 ? Optional.of(new Position(random.nextLong(head + 1))) : Optional.empty());
    }

    /** What an auto-ack stream had written when it was settled or closed counts as acknowledged. */
    private static void noteWritten(Open stream, Set<Long> acknowledged) {
        if (stream.options().acknowledges()) {
            acknowledged.addAll(stream.mailbox().positions());
        }
    }

    private void acknowledgeSome(Random random, List<Open> streams, Set<Long> acknowledged) {
        if (streams.isEmpty()) {
            return;
        }
        List<Long> told = streams.get(random.nextInt(streams.size())).mailbox().positions();
        List<Long> some = told.stream().filter(_ -> random.nextInt(3) > 0).toList();
        if (random.nextInt(4) == 0) {
            ward.log.setAway(true);
            try {
                acknowledge(some);
            } catch (Refused _) {
                // The client tries again.
            } finally {
                ward.log.setAway(false);
            }
        }
        acknowledge(some);
        acknowledged.addAll(some);
    }

    @Test
    void alsoWhenItsStreamIsGone() throws Exception {
        Open stream = open(StreamOptions.PLAIN);
        stream.mailbox().awaitCaughtUp();
        long one = send();
        long other = send();
        stream.mailbox().await("told", box -> box.positions().size() == 2);
        stream.close().run();
        acknowledge(List.of(one));
        assertThat(replayed()).containsExactly(other);
    }

    /** A client that comes back with the last event's id acknowledges what it had before. */
    @Test
    void alsoWhenItsStreamWasResumedBehindIt() throws Exception {
        long one = send();
        long other = send();
        Open resumed = open(new StreamOptions(
                false, false, false, true, false, Optional.empty(), Optional.of(new Position(other))));
        resumed.mailbox().awaitCaughtUp();
        acknowledge(List.of(one, other));
        assertThat(replayed()).isEmpty();
        assertThat(resumed.mailbox().positions()).isEmpty();
    }

    @Test
    void andOneFromTheFutureCannotBeAcknowledged() throws Exception {
        long sent = send();
        acknowledge(List.of(sent + 1, sent + 2, Long.MAX_VALUE));
        long next = send();
        assertThat(replayed()).containsExactly(sent, next);
    }

    @Test
    void norBySomebodyElse() throws Exception {
        long sent = send();
        ward.inbox.acknowledge(ward.carol.id(), List.of(new Position(sent)));
        assertThat(replayed()).containsExactly(sent);
    }

    /** What waits in the mailbox of an auto-ack stream is not written yet, and so not acknowledged. */
    @Test
    void norByAnAutoAckStreamThatHasNotWrittenIt() throws Exception {
        Mailbox mailbox = new Mailbox(100);
        Runnable close = ward.inbox.open(ward.bob, AUTO_ACK, mailbox);
        mailbox.await("holds the two advisories", box -> box.size() == 2);
        List<Long> sent = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            sent.add(send());
        }
        mailbox.await("holds all", box -> box.size() == 12);
        for (int i = 0; i < 6; i++) {
            mailbox.take();
        }
        ward.inbox.settle();
        assertThat(replayed()).isEqualTo(sent.subList(4, 10));
        mailbox.take();
        close.run();
        assertThat(replayed()).isEqualTo(sent.subList(5, 10));
    }

    /** Whoever follows one conversation acknowledges nothing of the others. */
    @Test
    void norByAStreamThatLeavesItOut() throws Exception {
        Optional<ConversationId> withAlice = Optional.of(ConversationId.between(ward.alice.id(), ward.bob.id()));
        for (boolean auto : List.of(true, false)) {
            Open stream = open(new StreamOptions(auto, false, false, true, false, withAlice, Optional.empty()));
            stream.mailbox().awaitCaughtUp();
            int before = stream.mailbox().positions().size();
            long first = send();
            Entry other = ward.message(1, ward.carol, ward.bob);
            ward.publish(other);
            long last = send();
            stream.mailbox().await("told both", box -> box.positions().size() == before + 2);
            assertThat(stream.mailbox().positions()).doesNotContain(other.position().value());
            if (!auto) {
                acknowledge(List.of(first, last));
            }
            stream.close().run();
            assertThat(replayed()).contains(other.position().value()).doesNotContain(first, last);
        }
    }

    @Test
    void theCountOfTheReplayIsWhatIsTold() throws Exception {
        List<Long> sent = new ArrayList<>();
        for (int i = 0; i < 23; i++) {
            sent.add(send());
        }
        acknowledge(sent.subList(5, 9));
        Open stream = open(StreamOptions.PLAIN);
        List<Event> events = stream.mailbox().awaitCaughtUp().events();
        assertThat(events.getFirst()).isEqualTo(new Event.ReplayStarted(19));
        assertThat(events.getLast()).isEqualTo(new Event.CaughtUp());
        assertThat(stream.mailbox().positions()).hasSize(19);
    }
}
