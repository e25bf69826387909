package ephemera.core.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ephemera.core.Failure;
import ephemera.core.Refused;
import ephemera.core.directory.Caller;
import ephemera.core.talk.Entry;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Notice;
import ephemera.core.talk.ReceiptStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class StreamsAreHeldWithinBounds {

    private static final int ALLOWED = 5;

    private final Ward ward = new Ward(1, 10, 100);

    private Mailbox open(Caller caller, StreamOptions options) throws InterruptedException {
        Mailbox mailbox = Mailbox.ofFastReader();
        ward.inbox.open(caller, options, mailbox);
        return mailbox.awaitCaughtUp();
    }

    @Test
    void theOldestOneGoesWhenThereAreTooMany() throws Exception {
        List<Mailbox> mailboxes = new ArrayList<>();
        for (int i = 0; i < ALLOWED + 2; i++) {
            mailboxes.add(open(ward.bob, StreamOptions.PLAIN));
        }
        assertThat(mailboxes).extracting(Mailbox::isClosed).containsExactly(true, true, false, false, false, false,
                false);
        assertThat(open(ward.carol, StreamOptions.PLAIN).isClosed()).isFalse();
        assertThat(ward.inbox.size()).isEqualTo(ALLOWED + 1);
    }

    @Test
    void anEndedOneIsForgotten() throws Exception {
        for (int i = 0; i < 3 * ALLOWED; i++) {
            ward.inbox.open(ward.bob, StreamOptions.PLAIN, Mailbox.ofFastReader()).run();
        }
        assertThat(ward.inbox.size()).isZero();
        assertThat(open(ward.bob, StreamOptions.PLAIN).isClosed()).isFalse();
    }

    /** Also while the store is away, when nothing can be settled. */
    @Test
    void anEndedOneIsForgottenWhateverHappens() throws Exception {
        StreamOptions automatic = new StreamOptions(true, true, false, true, false, Optional.empty(), Optional.empty());
        Mailbox mailbox = Mailbox.ofFastReader();
        Runnable close = ward.inbox.open(ward.bob, automatic, mailbox);
        mailbox.awaitCaughtUp();
        ward.publish(ward.message(1, ward.alice, ward.bob));
        mailbox.await("told", box -> box.positions().size() == 1);
        ward.log.setAway(true);
        close.run();
        assertThat(ward.inbox.size()).isZero();
        assertThat(mailbox.isClosed()).isTrue();
    }

    @Test
    void allOfAPersonAreClosedAtOnce() throws Exception {
        Mailbox one = open(ward.bob, StreamOptions.PLAIN);
        Mailbox other = open(ward.bob, StreamOptions.PLAIN);
        Mailbox carols = open(ward.carol, StreamOptions.PLAIN);
        assertThat(ward.inbox.closeAll(ward.bob.id())).isEqualTo(2);
        assertThat(ward.inbox.closeAll(ward.bob.id())).isZero();
        assertThat(List.of(one.isClosed(), other.isClosed(), carols.isClosed())).containsExactly(true, true, false);
        ward.inbox.closeAll();
        assertThat(carols.isClosed()).isTrue();
    }

    @Test
    void thoseOfARevokedKeyAreToldAndClosed() throws Exception {
        Mailbox revoked = open(ward.bob, StreamOptions.PLAIN);
        Mailbox other = open(Ward.withKey(ward.bob, "another key"), StreamOptions.PLAIN);
        // A stream goes live a moment after it was caught up; only then it is told what passes.
        ward.publish(ward.message(1, ward.alice, ward.bob));
        revoked.await("told", box -> box.positions().size() == 1);
        revoked.await("live", box -> {
            ward.inbox.pass(List.of(ward.bob.id()), new Event.Heartbeat());
            return box.events().contains(new Event.Heartbeat());
        });
        ward.inbox.revoked(ward.bob.id(), "bob's key");
        assertThat(revoked.isClosed()).isTrue();
        assertThat(revoked.events().getLast()).isEqualTo(new Event.SignedOut());
        assertThat(other.isClosed()).isFalse();
        assertThat(other.events()).doesNotContain(new Event.SignedOut());
    }

    /** The key was good when it was shown, and revoked before there was a stream to close. */
    @Test
    void noneIsOpenedWithAKeyThatIsRevokedMeanwhile() {
        ward.revoked.add("bob's key");
        ward.inbox.revoked(ward.bob.id(), "bob's key");
        Mailbox late = Mailbox.ofFastReader();
        assertThat(catchThrowableOfType(
                Refused.class, () -> ward.inbox.open(ward.bob, StreamOptions.PLAIN, late)).failure())
                .isEqualTo(Failure.WRONG_CREDENTIALS);
        assertThat(late.isClosed()).isTrue();
        assertThat(late.events()).isEmpty();
        Mailbox unknown = Mailbox.ofFastReader();
        Caller bob = Ward.withKey(ward.bob, Ward.UNKNOWN);
        assertThat(catchThrowableOfType(
                Refused.class, () -> ward.inbox.open(bob, StreamOptions.PLAIN, unknown)).failure())
                .isEqualTo(Failure.UNAVAILABLE);
        assertThat(unknown.isClosed()).isTrue();
        assertThat(ward.inbox.size()).isZero();
    }

    @Test
    void oneThatWantsNothingLiveEndsWhenItIsCaughtUp() throws Exception {
        ward.publish(ward.message(1, ward.alice, ward.bob));
        Mailbox mailbox = open(
                ward.bob, new StreamOptions(false, false, false, true, true, Optional.empty(), Optional.empty()));
        mailbox.await("closed", Mailbox::isClosed);
        assertThat(mailbox.positions()).containsExactly(1L);
    }

    @Test
    void typingIsToldToThoseWhoAskedForIt() throws Exception {
        Mailbox asked = open(
                ward.bob, new StreamOptions(false, false, true, true, false, Optional.empty(), Optional.empty()));
        Mailbox plain = open(ward.bob, StreamOptions.PLAIN);
        Event.Typing typing = new Event.Typing(ward.alice.id(), Optional.empty(), ward.alice.organization(), true);
        asked.await("told", box -> {
            ward.inbox.pass(List.of(ward.bob.id()), typing);
            return box.events().contains(typing);
        });
        assertThat(plain.events()).doesNotContain(typing);
    }

    @Test
    void whatAnAutoDeliverStreamHasWrittenIsMarkedOnce() throws Exception {
        Mailbox mailbox = new Mailbox(100);
        StreamOptions delivers = new StreamOptions(false, true, false, true, false, Optional.empty(), Optional.empty());
        ward.inbox.open(ward.bob, delivers, mailbox);
        mailbox.await("holds the two advisories", box -> box.size() == 2);
        Entry one = ward.message(1, ward.alice, ward.bob);
        Entry own = ward.message(1, ward.bob, ward.alice);
        Entry other = ward.groupMessage(1, ward.carol);
        Entry unwritten = ward.message(1, ward.alice, ward.bob);
        ward.publish(one, own, other, unwritten);
        mailbox.await("holds all", box -> box.size() == 6);
        ward.inbox.settle();
        assertThat(ward.marks.all()).isEmpty();
        for (int i = 0; i < 5; i++) {
            mailbox.take();
        }
        ward.inbox.settle();
        ward.inbox.settle();
        assertThat(ward.marks.all()).containsExactlyInAnyOrder(delivered(one), delivered(other));
        mailbox.take();
        ward.inbox.settle();
        assertThat(ward.marks.all()).contains(delivered(unwritten)).hasSize(3);
    }

    private Marks.Mark delivered(Entry entry) {
        MessageId message = ((Notice.Sent) entry.notice()).message().id();
        return new Marks.Mark(ward.bob.id(), message, ReceiptStatus.DELIVERED);
    }

    @Test
    void anEventIsRenderedOnceInEachDialect() {
        AtomicInteger rendered = new AtomicInteger();
        Dialect<String> one = event -> "one " + rendered.incrementAndGet();
        Dialect<Integer> other = event -> rendered.incrementAndGet();
        Told event = Event.of(ward.message(1, ward.alice, ward.bob));
        assertThat(event.rendered(one)).isEqualTo("one 1");
        assertThat(event.rendered(other)).isEqualTo(2);
        assertThat(event.rendered(one)).isEqualTo("one 1");
        assertThat(event.rendered(other)).isEqualTo(2);
    }
}
