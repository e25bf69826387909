package ephemera.acceptance.faults;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.TheServer;
import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Deadline;
import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Tiger;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Acknowledged is what a client names, all of it and nothing else, however streams were opened. */
class AcknowledgementConcernsOnlyWhatItNames {
    private final Credentials alice = TheServer.somebody();
    private final Credentials bob = TheServer.somebody();
    private final Credentials carol = TheServer.somebody();
    private final Tiger bobs = TheServer.as(bob);

    @Test
    void eventsBeforeTheOneAtWhichAStreamResumedCanBeAcknowledged() {
        send(alice, "one");
        String second = send(alice, "two");
        List<Event> before;
        try (EventStream stream = bobs.events().untilLive()) {
            before = durable(stream);
        }
        Optional<String> last = before.stream().filter(each -> each.messageId().equals(second)).map(Event::lastEventId)
                .findFirst();
        try (EventStream stream = EventStream.open(bobs, List.of(), last).untilLive()) {
            assertThat(durable(stream)).isEmpty();
            bobs.acknowledge(before.stream().map(Event::id).toList()).expect(204);
        }
        assertThat(replayed()).isEmpty();
    }

    @Test
    void eventsThatCameOnAnEarlierStreamCanBeAcknowledgedOnOneWithoutReplay() {
        send(alice, "one");
        List<Event> before;
        try (EventStream stream = bobs.events().untilLive()) {
            before = durable(stream);
        }
        try (EventStream _ = bobs.events("no-offline-messages").untilLive()) {
            bobs.acknowledge(before.stream().map(Event::id).toList()).expect(204);
        }
        assertThat(replayed()).isEmpty();
    }

    @Test
    void streamOfOneConversationLeavesTheOthersUnacknowledged() {
        String group = group();
        try (EventStream stream = bobs.events("single_conversation:" + group).untilLive()) {
            stream.acknowledgeAll();
            String here = send(alice, group, "here");
            String elsewhere = send(carol, "elsewhere");
            String hereToo = send(alice, group, "here too");
            stream.await(each -> each.messageId().equals(hereToo));
            stream.acknowledgeAll();
            assertThat(replayed()).contains(elsewhere).doesNotContain(here, hereToo);
        }
    }

    @Test
    void streamOfOneConversationThatAcknowledgesByItselfLeavesTheOthersUnacknowledged() {
        String group = group();
        String here;
        String elsewhere;
        try (EventStream stream = bobs.events("auto-ack", "single_conversation:" + group).untilLive()) {
            elsewhere = send(carol, "elsewhere");
            here = send(alice, group, "here");
            stream.await(each -> each.messageId().equals(here));
            Deadline.until("what was told is acknowledged", () -> !replayed().contains(here));
        }
        assertThat(replayed()).contains(elsewhere);
    }

    @Test
    void whatWasLeftOutComesAgainAndWhatWasNamedDoesNot() {
        List<String> sent = IntStream.range(0, 20).mapToObj(i -> send(alice, "number " + i)).toList();
        List<String> left = List.of(sent.get(3), sent.get(4), sent.get(17));
        try (EventStream stream = bobs.events().untilLive()) {
            stream.await(each -> each.messageId().equals(sent.getLast()));
            bobs.acknowledge(durable(stream).stream().filter(each -> !left.contains(each.messageId())).map(Event::id)
                    .toList()).expect(204);
        }
        assertThat(replayed()).containsExactlyElementsOf(left);
    }

    @Test
    void callsAtTheSameTimeEachAnswerForTheirOwn() {
        List<String> sent = IntStream.range(0, 60).mapToObj(i -> send(alice, "number " + i)).toList();
        try (EventStream stream = bobs.events().untilLive()) {
            stream.await(each -> each.messageId().equals(sent.getLast()));
            List<CompletableFuture<Void>> calls = durable(stream).stream()
                    .map(each -> CompletableFuture.runAsync(
                            () -> bobs.acknowledge(List.of(each.id(), each.id())).expect(204),
                            task -> Thread.ofVirtual().start(task)))
                    .toList();
            calls.forEach(CompletableFuture::join);
        }
        assertThat(replayed()).isEmpty();
    }

    /** A group of the three, whose earlier events bob has acknowledged. */
    private String group() {
        String group = TheServer.as(alice).createGroup("Group", bob.token(), carol.token()).expect(200).groupToken();
        try (EventStream stream = bobs.events().untilLive()) {
            stream.acknowledgeAll();
        }
        return group;
    }

    private String send(Credentials sender, String body) {
        return send(sender, bob.token(), body);
    }

    private static String send(Credentials sender, String recipient, String body) {
        return TheServer.as(sender).send(recipient, body).expect(200).messageId();
    }

    /** The messages that a new stream of bob's begins with. */
    private List<String> replayed() {
        try (EventStream stream = bobs.events().untilLive()) {
            return durable(stream).stream().filter(Event::isMessage).map(Event::messageId).toList();
        }
    }

    private static List<Event> durable(EventStream stream) {
        return stream.received().stream().filter(each -> !each.lastEventId().isEmpty()).toList();
    }
}
