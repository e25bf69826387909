package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.core.Failure;
import ephemera.core.Refused;
import ephemera.core.directory.PersonId;
import ephemera.core.inbox.Bus;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Position;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No error ends writing in silence: whoever waits is told, what follows is written, and health knows if nothing is. */
@Timeout(180)
class JournalGoesOnAfterAnError {

    private final OwnDatabase own = new OwnDatabase();
    private final Node node = new Node(own);
    private final Json json = new Json();
    private final JournalWriter writer = new JournalWriter(
            node.database, new SendStatement(node.outbox), new MarkChange(json, node.epochs), json, node.outbox,
            (_, _) -> {});

    @AfterEach
    void end() {
        writer.close();
        node.close();
        own.close();
    }

    @Test
    void ofAChange() {
        node.start();
        writer.start(node.heard);
        PersonId alice = node.person();
        node.direct(alice, alice);
        long head = node.log.head().value();

        assertThatThrownBy(() -> writer.<Long>change(scribe -> {
            scribe.tell(List.of(alice), new Notice.PersonChanged(alice), node.epochs.fades(scribe.now()));
            throw new StackOverflowError();
        })).hasCauseInstanceOf(StackOverflowError.class);

        assertThat(writer.<Long>change(Scribe::head)).as("nothing of it is left").isEqualTo(head);
        assertThat(node.journal.send(Node.toPerson(alice, alice, "")).repeated()).as("nor its lock").isFalse();
        assertThat(writer.isWriting()).isTrue();
    }

    @Test
    void ofWhoeverIsTold() throws InterruptedException {
        AtomicBoolean broken = new AtomicBoolean();
        BlockingQueue<Position> missed = new LinkedBlockingQueue<>();
        node.start(new Bus() {
            @Override
            public void publish(List<Entry> entries) {
                if (broken.getAndSet(false)) {
                    throw new StackOverflowError();
                }
            }

            @Override
            public void missed(Position through) {
                missed.add(through);
            }

            @Override
            public void missed(Collection<PersonId> people, Position through) {}
        });
        PersonId alice = node.person();
        node.direct(alice, alice);
        missed.clear();
        broken.set(true);

        assertThatThrownBy(() -> node.journal.send(Node.toPerson(alice, alice, "once")))
                .hasCauseInstanceOf(StackOverflowError.class);

        assertThat(missed.poll(60, TimeUnit.SECONDS)).as("streams look for it").isEqualTo(node.log.head());
        assertThat(node.journal.send(Node.toPerson(alice, alice, "once")).repeated()).as("it was stored").isTrue();
    }

    @Test
    void andOnceItHasEndedNobodyWaits() {
        assertThat(writer.isWriting()).isFalse();
        writer.start(node.heard);
        assertThat(writer.isWriting()).isTrue();
        writer.close();
        assertThat(writer.isWriting()).isFalse();
        assertThatThrownBy(() -> writer.<Long>change(Scribe::head))
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.failure()).isEqualTo(Failure.UNAVAILABLE));
    }
}
