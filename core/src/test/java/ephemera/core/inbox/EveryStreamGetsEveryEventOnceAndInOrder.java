package ephemera.core.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.Caller;
import ephemera.core.talk.Audience;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class EveryStreamGetsEveryEventOnceAndInOrder {

    private static final int EVENTS = 300;

    /**
     * A stream that was opened while everything was under way.
     *
     * @param before the head when it was about to be opened
     * @param after the head when it was open
     */
    private record Opened(Caller reader, StreamOptions options, Mailbox mailbox, long before, long after) {}

    /** One thread commits and publishes, others open streams, and readers are quick, slow, or stop for a while. */
    @RepeatedTest(80)
    void whateverTheInterleaving(RepetitionInfo repetition) throws Exception {
        long seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        Ward ward = new Ward(seed, 1 + random.nextInt(12), 10_000);
        List<Opened> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> writer = threads.submit(() -> write(ward, new Random(seed + 1)));
            List<Future<?>> readers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                ward.log.awaitHead(random.nextInt(EVENTS));
                Opened opened = open(ward, random);
                all.add(opened);
                long readerSeed = random.nextLong();
                readers.add(threads.submit(() -> {
                    read(ward, opened.mailbox(), new Random(readerSeed));
                    return true;
                }));
            }
            writer.get();
            for (Future<?> reader : readers) {
                reader.get();
            }
        }
        for (Opened opened : all) {
            check(ward, opened);
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // the threads are to meet in many orders
    private static void write(Ward ward, Random random) {
        List<Caller> people = List.of(ward.alice, ward.bob, ward.carol);
        List<Entry> batch = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            int step = 1 + random.nextInt(2);
            Caller one = people.get(random.nextInt(3));
            Caller other = people.get(random.nextInt(3));
            batch.add(switch (random.nextInt(4)) {
                case 0 -> ward.groupMessage(step, one);
                case 1 -> ward.notice(step, one);
                default -> ward.message(step, one, other);
            });
            if (random.nextInt(12) == 0) {
                ward.log.expire(random.nextLong(1, ward.log.head().value() + 1));
            }
            if (random.nextInt(20) == 0) {
                // The answer to the commit was lost: nobody will ever publish these.
                ward.inbox.missed(ward.log.head());
                batch.clear();
            } else if (random.nextInt(20) == 0) {
                // What concerns this person is too much to be handed over.
                batch.removeIf(entry -> entry.audience().equals(Audience.Only.person(one.id())));
                ward.inbox.missed(List.of(one.id()), ward.log.head());
                ward.inbox.publish(batch);
                batch.clear();
            } else if (random.nextInt(3) == 0) {
                ward.inbox.publish(batch);
                batch.clear();
            }
            if (random.nextInt(4) == 0) {
                Thread.yield();
            }
        }
        ward.inbox.publish(batch);
        // The last one concerns everybody and never expires: whoever has it has all.
        ward.publish(ward.groupMessage(EVENTS, ward.alice));
    }

    private static Opened open(Ward ward, Random random) {
        Caller reader = List.of(ward.alice, ward.bob, ward.carol).get(random.nextInt(3));
        long before = ward.log.head().value();
        Optional<Position> resumeAfter =
                random.nextInt(3) == 0 ? Optional.of(new Position(random.nextLong(before + 1))) : Optional.empty();
        StreamOptions options = new StreamOptions(
                false, false, false, random.nextInt(3) > 0, false, Optional.empty(), resumeAfter);
        Mailbox mailbox = new Mailbox(1 + random.nextInt(6));
        // At most five streams of one person are allowed; a sixth would close the oldest.
        ward.inbox.open(reader, options, mailbox);
        return new Opened(reader, options, mailbox, before, ward.log.head().value());
    }

    @SuppressWarnings("ThreadPriorityCheck") // the threads are to meet in many orders
    private static void read(Ward ward, Mailbox mailbox, Random random) throws InterruptedException {
        for (int pause = 0; pause < 5; pause++) {
            long until = ward.log.head().value() + random.nextInt(1 + EVENTS / 4);
            if (until >= EVENTS) {
                break;
            }
            if (random.nextBoolean()) {
                ward.log.awaitHead(until);
            }
            for (int i = random.nextInt(30); i > 0 && mailbox.take(); i--) {
                Thread.yield();
            }
        }
        ward.log.awaitHead(EVENTS);
        mailbox.follow();
    }

    private static void check(Ward ward, Opened opened) throws InterruptedException {
        List<Long> all = ward.log.positionsOf(opened.reader().id());
        Set<Long> expired = ward.log.expired();
        Mailbox mailbox = opened.mailbox();
        if (mailbox.isClosed()) {
            // The sixth stream of one person had closed it.
            assertThat(mailbox.positions()).isSorted().doesNotHaveDuplicates();
            return;
        }
        StreamOptions options = opened.options();
        boolean replays = options.replays() || options.resumeAfter().isPresent();
        long start = options.resumeAfter().map(Position::value).orElse(options.replays() ? 0 : opened.before());
        long surely = replays ? start : opened.after();
        if (surely < all.getLast()) {
            mailbox.await("told the last event", box -> box.positions().contains(all.getLast()));
        }
        List<Long> got = mailbox.awaitCaughtUp().positions();
        assertThat(got).as("in order, each once").isSorted().doesNotHaveDuplicates();
        assertThat(all).as("nothing that is somebody else's").containsAll(got);
        assertThat(got).as("nothing from before").allMatch(position -> position > start);
        assertThat(got)
                .as("everything that lives")
                .containsAll(all.stream()
                        .filter(position -> position > surely && !expired.contains(position))
                        .toList());

        List<Event> events = mailbox.events();
        assertThat(events.getFirst()).isInstanceOf(Event.ReplayStarted.class);
        assertThat(events).filteredOn(Event.CaughtUp.class::isInstance).hasSize(1);
        int caughtUp = events.indexOf(new Event.CaughtUp());
        assertThat(events.subList(caughtUp, events.size()))
                .filteredOn(Told.class::isInstance)
                .as("what was there before is told before the mark")
                .noneMatch(event -> replays && ((Told) event).position() <= opened.before());
    }

    /** Nobody's slowness costs more memory than the mailbox has, or anybody else a moment. */
    @Test
    void alsoWhoReadsNothingForALongTime() throws Exception {
        Ward ward = new Ward(1, 7, 10_000);
        Mailbox slow = new Mailbox(3);
        Mailbox quick = Mailbox.ofFastReader();
        ward.inbox.open(ward.bob, StreamOptions.PLAIN, slow);
        ward.inbox.open(ward.bob, StreamOptions.PLAIN, quick);
        quick.awaitCaughtUp();
        slow.await("holds the two advisories", box -> box.size() == 2);
        List<Long> sent = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            Entry entry = ward.message(1, ward.alice, ward.bob);
            ward.publish(entry);
            sent.add(entry.position().value());
            assertThat(slow.size()).isLessThanOrEqualTo(3);
        }
        quick.await("told everything", box -> box.positions().equals(sent));
        assertThat(slow.positions()).isEmpty();
        slow.follow();
        slow.await("told everything", box -> box.positions().size() == sent.size());
        assertThat(slow.positions()).isEqualTo(sent);
        assertThat(ward.fallenBehind.get()).isPositive();
    }

    /** A page of which nothing lives any more says nothing about what follows it. */
    @Test
    void alsoBehindALongStretchThatHasExpired() throws Exception {
        Ward ward = new Ward(1, 10, 10_000);
        List<Long> alive = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Entry entry = ward.message(1, ward.alice, ward.bob);
            if (i >= 37 && i < 162) {
                ward.log.expire(entry.position().value());
            } else {
                alive.add(entry.position().value());
            }
        }
        Mailbox mailbox = Mailbox.ofFastReader();
        ward.inbox.open(ward.bob, StreamOptions.PLAIN, mailbox);
        mailbox.awaitCaughtUp();
        assertThat(mailbox.positions()).isEqualTo(alive);
    }

    /** What goes away while a stream waits for its reader is not told: what was read before is read again. */
    @Test
    void butWhatIsGoneWhenThereIsRoomAgain() throws Exception {
        Ward ward = new Ward(1, 10, 10_000);
        List<Long> alive = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            alive.add(ward.message(1, ward.alice, ward.bob).position().value());
        }
        Mailbox slow = new Mailbox(4);
        ward.inbox.open(ward.bob, StreamOptions.PLAIN, slow);
        slow.await("full", box -> box.size() == 4);
        // One of the page that waits, and one that was not read yet.
        for (int each : List.of(15, 6)) {
            ward.log.expire(alive.remove(each));
        }
        slow.follow();
        slow.awaitCaughtUp();
        assertThat(slow.positions()).isEqualTo(alive);
    }

    /** An event that cannot be written as the dialect wants, because the database is away, is told from the log. */
    @Test
    void alsoWhenPublishingFails() throws Exception {
        Ward ward = new Ward(1, 10, 10_000);
        Mailbox one = Mailbox.ofFastReader();
        Mailbox other = Mailbox.ofFastReader();
        ward.inbox.open(ward.bob, StreamOptions.PLAIN, one);
        ward.inbox.open(ward.carol, StreamOptions.PLAIN, other);
        one.awaitCaughtUp();
        other.awaitCaughtUp();
        ward.publish(ward.groupMessage(1, ward.alice));
        one.await("live", box -> box.positions().size() == 1);
        other.await("live", box -> box.positions().size() == 1);
        one.fail(1);
        Entry failing = ward.groupMessage(1, ward.alice);
        Entry next = ward.groupMessage(1, ward.alice);
        try {
            ward.publish(failing, next);
        } catch (IllegalStateException _) {
            // The writer of the journal does the same.
            ward.inbox.missed(next.position());
        }
        ward.publish(ward.groupMessage(1, ward.alice));
        one.await("told all", box -> box.positions().size() == 4);
        other.await("told all", box -> box.positions().size() == 4);
        assertThat(one.positions()).containsExactly(1L, 2L, 3L, 4L);
        assertThat(other.positions()).containsExactly(1L, 2L, 3L, 4L);
    }

    /** What cannot be read is not passed over: the stream ends, and its client comes back. */
    @Test
    void orItEnds() throws Exception {
        Ward ward = new Ward(1, 10, 10_000);
        Mailbox mailbox = new Mailbox(2);
        ward.inbox.open(ward.bob, StreamOptions.PLAIN, mailbox);
        mailbox.await("holds the two advisories", box -> box.size() == 2);
        ward.publish(ward.groupMessage(1, ward.alice));
        ward.log.setAway(true);
        mailbox.follow();
        mailbox.await("closed", Mailbox::isClosed);
        ward.log.setAway(false);
        Mailbox again = Mailbox.ofFastReader();
        ward.inbox.open(ward.bob, StreamOptions.PLAIN, again);
        again.awaitCaughtUp();
        assertThat(again.positions()).containsExactly(1L);
    }
}
