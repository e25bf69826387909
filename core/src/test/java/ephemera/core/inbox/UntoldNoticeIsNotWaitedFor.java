package ephemera.core.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.talk.Audience;
import ephemera.core.talk.Emoji;
import ephemera.core.talk.Entry;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Position;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A notice for which a reader's dialect has no event holds up neither the stream nor what is known as acknowledged. */
@Timeout(180)
class UntoldNoticeIsNotWaitedFor {

    private static final int TRACKED = 5;

    private final Ward ward = new Ward(1, 4, TRACKED);

    /** A reader who is told of everything but reactions. */
    private record Deaf(Mailbox mailbox) implements Sink {

        @Override
        public boolean tells(Notice notice) {
            return !(notice instanceof Notice.Reacted);
        }

        @Override
        public boolean offer(Event event) {
            return mailbox.offer(event);
        }

        @Override
        public boolean awaitRoom() throws InterruptedException {
            return mailbox.awaitRoom();
        }

        @Override
        public long written() {
            return mailbox.written();
        }

        @Override
        public void close() {
            mailbox.close();
        }
    }

    private Entry reaction() {
        return ward.log.append(
                1,
                new Audience.Members(ward.group),
                new Notice.Reacted(
                        new MessageId(new UUID(1, 2)), ward.group, true, ward.alice.id(), Emoji.EYES, true,
                        Instant.EPOCH));
    }

    private Mailbox open() throws InterruptedException {
        Mailbox mailbox = Mailbox.ofFastReader();
        ward.inbox.open(ward.bob, StreamOptions.PLAIN, new Deaf(mailbox));
        return mailbox.awaitCaughtUp();
    }

    @Test
    void whetherItIsReplayedOrLive() throws InterruptedException {
        reaction();
        Entry before = ward.groupMessage(1, ward.carol);
        reaction();
        Mailbox mailbox = open();
        assertThat(mailbox.events()).contains(new Event.ReplayStarted(1));
        // More than are tracked, if somebody waited for them.
        for (int i = 0; i < 3 * TRACKED; i++) {
            ward.publish(reaction());
        }
        Entry after = ward.groupMessage(1, ward.carol);
        ward.publish(after);

        List<Long> told = List.of(before.position().value(), after.position().value());
        mailbox.await("told", box -> box.positions().equals(told));
        ward.inbox.acknowledge(ward.bob.id(), told.stream().map(Position::new).toList());

        // All that lies before the last acknowledged one is acknowledged with it.
        assertThat(ward.log.read(ward.bob.id(), Position.START, false, 100).entries()).isEmpty();
        assertThat(open().positions()).isEmpty();
    }
}
