package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The end of a message, to the instant: its lifespan, or a minute after it was read if it is deleted on reading.
 *
 * <p>The shortest lifespan is a minute, so all cases live and end side by side: they are prepared at the beginning, and
 * the tests follow the clock. Server and test share one clock.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MessageGoesAwayWhenItsTimeIsOver {
    private static final byte[] FILE = {1, 2, 3};

    private final Somebody sender = Somebody.fresh();
    private final Somebody reader = Somebody.fresh();
    private final Somebody second = Somebody.fresh();
    private final Somebody newcomer = Somebody.fresh();
    private final List<End> ends = new ArrayList<>();

    private String before;
    private String group;
    private String expiring;
    private String expiringInGroup;
    private String burning;
    private String burningInGroup;
    private String unread;
    private String lasting;
    private Instant lifespanEnd;
    private Instant firstBurnt;
    private Instant allBurnt = Instant.MAX;

    /** Up to when somebody can read a message. */
    private record End(String what, Somebody viewer, String message, Instant at) {
    }

    @BeforeAll
    void prepare() {
        sender.says(reader, "before");
        before = reader.replay().getLast().lastEventId();
        group = sender.group("Passing", true, reader, second);
        expiring = sent(Draft.to(reader.token(), "a minute").withTtl(1).withAttachment("a.bin", "a/b", FILE));
        expiringInGroup = sent(Draft.to(group, "a minute for all").withTtl(1));
        burning = sent(Draft.to(reader.token(), "read once").withDeleteOnRead(true)
                .withAttachment("b.bin", "a/b", FILE));
        burningInGroup = sent(Draft.to(group, "read by each").withDeleteOnRead(true));
        unread = sent(Draft.to(reader.token(), "never read").withDeleteOnRead(true));
        lasting = sent(Draft.to(group, "ten minutes").withTtl(10));
        sender.tiger().addMembers(group, newcomer.token()).expect(200);
        assertThat(newcomer.replayedBodies()).contains("read by each", "a minute for all", "ten minutes");

        Instant minute = created(expiring).plus(Duration.ofMinutes(1));
        List.of(sender, reader).forEach(each -> ends.add(new End("lifespan", each, expiring, minute)));
        lifespanEnd = created(expiringInGroup).plus(Duration.ofMinutes(1));
        List.of(sender, reader, second, newcomer).forEach(
                each -> ends.add(new End("lifespan in a group", each, expiringInGroup, lifespanEnd)));

        reader.tiger().read(burning, burningInGroup).expect(200);
        newcomer.tiger().read(burningInGroup).expect(200);
        List.of(sender, reader).forEach(each -> ends.add(new End("read between two", each, burning,
                burnt(burning, reader))));
        firstBurnt = burnt(burningInGroup, newcomer);
        ends.add(new End("read by the first", reader, burningInGroup, burnt(burningInGroup, reader)));
        ends.add(new End("read by a newcomer", newcomer, burningInGroup, firstBurnt));
    }

    private String sent(Draft draft) {
        return sender.tiger().send(draft).expect(200).messageId();
    }

    private Instant created(String message) {
        return Instant.parse(sender.message(message).path("created_time").asString());
    }

    /** The end of a message that is deleted on reading, for somebody who has read it. */
    private Instant burnt(String message, Somebody who) {
        assertThat(sender.status(message, who)).isEqualTo("Read");
        return Instant.parse(sender.receipt(message, who).path("timestamp").asString()).plus(Duration.ofMinutes(1));
    }

    @Test
    @Order(1)
    void readingDoesNotEndAMessageAtOnce() {
        // So long that the end for the first readers and that for all are well apart.
        waitUntil(Instant.now().plus(Duration.ofSeconds(30)));
        for (Somebody each : List.of(sender, reader)) {
            assertThat(each.message(burning).path("body").asString()).isEqualTo("read once");
            assertThat(each.tiger().attachment(burning).expect(200).body()).isEqualTo(FILE);
        }
        // Reading it again does not begin another minute.
        reader.tiger().read(burning, burningInGroup).expect(200);
        second.tiger().read(burningInGroup).expect(200);
        allBurnt = burnt(burningInGroup, second);
        List.of(sender, second).forEach(each -> ends.add(new End("read by all", each, burningInGroup, allBurnt)));
        assertThat(allBurnt).isAfter(firstBurnt.plus(Duration.ofSeconds(25)));
        assertThat(second.replayedBodies()).contains("read by each");
    }

    @Test
    @Order(2)
    void everyMessageIsServedUpToItsEndAndNeverAfter() throws Exception {
        try (ExecutorService watching = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> watches = new ArrayList<>();
            ends.forEach(end -> watches.add(watching.submit(() -> watch(end))));
            watches.add(watching.submit(this::whoHasReadItGetsItNoMoreWhileOthersDo));
            for (Future<?> watch : watches) {
                watch.get();
            }
        }
    }

    private static void watch(End end) {
        assertThat(end.viewer().tiger().message(end.message()).status()).as(end.what()).isEqualTo(200);
        waitUntil(end.at().minus(Duration.ofSeconds(20)));
        int served = 0;
        while (true) {
            Instant asked = Instant.now();
            Reply reply = end.viewer().tiger().message(end.message());
            Instant answered = Instant.now();
            if (!asked.isBefore(end.at())) {
                assertThat(reply.status()).as(end.what() + " at " + asked + ", end " + end.at()).isEqualTo(404);
                assertThat(served).as(end.what()).isPositive();
                return;
            }
            if (answered.isBefore(end.at())) {
                assertThat(reply.status()).as(end.what() + " at " + answered + ", end " + end.at()).isEqualTo(200);
                served++;
            }
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }

    /** In the time between the end for the first readers and the end for all. */
    private void whoHasReadItGetsItNoMoreWhileOthersDo() {
        waitUntil(firstBurnt.plusMillis(1));
        assertThat(second.replayedBodies()).contains("read by each");
        assertThat(newcomer.replayedBodies()).contains("ten minutes").doesNotContain("read by each");
        assertThat(reader.replayedBodies()).contains("ten minutes").doesNotContain("read by each");
        // Neither does leaving and coming back, with earlier messages, bring it back.
        sender.tiger().removeMembers(group, reader.token()).expect(204);
        try (EventStream live = reader.live()) {
            sender.tiger().addMembers(group, reader.token()).expect(200);
            live.await(event -> event.text("body").equals("ten minutes")
                    && event.payload().path("is_group_replay").asBoolean(false));
            String fence = sender.says(group, "fence");
            live.await(event -> event.messageId().equals(fence));
            assertThat(live.messages()).noneMatch(event -> event.messageId().equals(burningInGroup));
        }
        assertThat(reader.replayedBodies()).contains("ten minutes").doesNotContain("read by each");
        reader.tiger().message(burningInGroup).expect(404);
        assertThat(second.message(burningInGroup).path("body").asString()).isEqualTo("read by each");
        assertThat(Instant.now()).as("the message was still there for others").isBefore(allBurnt);
    }

    @Test
    @Order(3)
    void noPathServesWhatIsOver() {
        waitUntil(allBurnt.plusMillis(1));
        for (String message : List.of(expiring, burning, expiringInGroup, burningInGroup)) {
            for (Somebody each : List.of(sender, reader)) {
                each.tiger().message(message).expect(404);
                each.tiger().attachment(message).expect(404);
                each.tiger().messageStatus(message).expect(404);
                assertThat(each.tiger().messageStatuses(message, lasting).expect(200).reply()
                        .path("bulk_message_statuses")).hasSize(1);
                each.tiger().forward(message, second.token()).expect(404);
                each.tiger().recall(message).expect(404);
                each.tiger().delivered(message).expect(200);
                each.tiger().read(message).expect(200);
            }
        }
        for (Somebody each : List.of(sender, reader, second, newcomer)) {
            assertThat(each.replay()).noneMatch(this::isOver);
        }
        List<Event> all = reader.whole("close-after-messages");
        assertThat(all.getFirst().payload().at("/advisory/replay_message_count").asInt()).isEqualTo(all.size() - 2);
        try (EventStream resumed = EventStream.open(reader.tiger(), List.of(), Optional.of(before))) {
            assertThat(resumed.untilLive().received()).noneMatch(this::isOver)
                    .anyMatch(event -> event.messageId().equals(unread));
        }
        Somebody late = Somebody.fresh();
        sender.tiger().addMembers(group, late.token()).expect(200);
        assertThat(late.replayedBodies()).containsExactly("ten minutes", "fence");
    }

    private boolean isOver(Event event) {
        return event.isMessage()
                && List.of(expiring, burning, expiringInGroup, burningInGroup).contains(event.messageId());
    }

    @Test
    @Order(4)
    void whatIsNotOverStays() {
        assertThat(reader.message(unread).path("body").asString()).isEqualTo("never read");
        assertThat(second.message(lasting).path("body").asString()).isEqualTo("ten minutes");
    }

    private static void waitUntil(Instant instant) {
        for (Instant now = Instant.now(); now.isBefore(instant); now = Instant.now()) {
            LockSupport.parkNanos(Duration.between(now, instant).toNanos());
        }
    }
}
