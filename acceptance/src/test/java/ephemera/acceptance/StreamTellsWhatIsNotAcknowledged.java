package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Section 4.4 of the contract: replay of what is not acknowledged, its mark, and what follows. */
class StreamTellsWhatIsNotAcknowledged {
    private final Somebody sender = Somebody.fresh();
    private final Somebody reader = Somebody.fresh();

    private List<String> send(int count, String prefix) {
        return IntStream.range(0, count).mapToObj(i -> sender.says(reader, prefix + i)).toList();
    }

    private static List<String> ids(List<Event> events) {
        return events.stream().map(Event::id).toList();
    }

    @Test
    void aReplayIsAnnouncedCountedAndClosed() {
        send(7, "waiting ");
        String group = sender.group("Replay", false, reader);
        sender.says(group, "waiting too");
        List<Event> all = reader.whole("close-after-messages");
        assertThat(all.getFirst().isAdvisory("replay_start")).isTrue();
        assertThat(all.getLast().isAdvisory("replay_stop")).isTrue();
        List<Event> replayed = all.subList(1, all.size() - 1);
        assertThat(all.getFirst().payload().at("/advisory/replay_message_count").asInt()).isEqualTo(replayed.size());
        assertThat(replayed).filteredOn(Event::isMessage).hasSize(8)
                .isSortedAccordingTo(Comparator.comparingLong(event -> event.payload().path("sort_number").asLong()));
        // The roster follows the messages, and says so first.
        assertThat(replayed.getFirst().is("friends")).isTrue();
    }

    @Test
    void whatIsGoneIsNeitherToldNorCounted() {
        String group = sender.group("Short-lived", false, reader);
        sender.tiger().recall(sender.says(reader, "recalled")).expect(204);
        sender.tiger().updateGroup(group, Map.of("name", "Gone")).expect(204);
        sender.tiger().deleteGroup(group).expect(204);
        for (Somebody each : List.of(sender, reader)) {
            List<Event> all = each.whole("close-after-messages");
            assertThat(all.getFirst().payload().at("/advisory/replay_message_count").asInt())
                    .isEqualTo(all.size() - 2);
            assertThat(all).noneMatch(Event::isMessage);
        }
    }

    @Test
    void whatIsNotAcknowledgedComesAgainAsItWas() {
        send(3, "again ");
        List<Event> first = reader.replay();
        assertThat(reader.replay()).isEqualTo(first);
        try (EventStream stream = reader.live()) {
            List<Event> told = stream.received().stream().filter(event -> !event.is("sse:heartbeat")).toList();
            assertThat(told.subList(1, told.size() - 1)).isEqualTo(first);
            String live = sender.says(reader, "live");
            Event event = stream.await(each -> each.messageId().equals(live));
            assertThat(reader.replay()).hasSize(first.size() + 1).startsWith(first.toArray(Event[]::new))
                    .endsWith(event);
        }
    }

    @Test
    void whatIsAcknowledgedNeverComesAgain() {
        send(5, "once ");
        reader.tiger().acknowledge(ids(reader.replay())).expect(204);
        assertThat(reader.whole("close-after-messages")).hasSize(2);
        assertThat(reader.whole("close-after-messages").getFirst().payload()
                .at("/advisory/replay_message_count").asInt()).isZero();
        send(1, "new ");
        assertThat(reader.replayedBodies()).containsExactly("new 0");
    }

    @Test
    void everybodyAcknowledgesForThemselves() {
        Somebody third = Somebody.fresh();
        String group = sender.group("Each", false, reader, third);
        sender.says(group, "to all");
        reader.caughtUp();
        assertThat(reader.replayedBodies()).isEmpty();
        assertThat(third.replayedBodies()).containsExactly("to all");
        assertThat(sender.replayedBodies()).containsExactly("to all");
        // Somebody else's ids are nobody's business.
        reader.tiger().acknowledge(ids(third.replay())).expect(204);
        assertThat(third.replayedBodies()).containsExactly("to all");
    }

    /** Which stream of the reader is open while events are acknowledged that another one told. */
    enum Meanwhile {
        NONE, SAME, WITHOUT_REPLAY, RESUMED, ANOTHER, OF_ONE_CONVERSATION
    }

    @ParameterizedTest
    @EnumSource
    void acknowledgementsCountInAnyOrderAndWhateverStreamIsOpen(Meanwhile meanwhile) {
        Random random = new Random(meanwhile.name().length());
        send(40, "m");
        EventStream telling = reader.live();
        List<Event> told = telling.received().stream().filter(event -> !event.isControl()).toList();
        if (meanwhile != Meanwhile.SAME) {
            telling.close();
        }
        String middle = told.get(told.size() / 2).lastEventId();
        Optional<EventStream> open = switch (meanwhile) {
            case NONE -> Optional.empty();
            case SAME -> Optional.of(telling);
            case WITHOUT_REPLAY -> Optional.of(reader.live("no-offline-messages"));
            case RESUMED -> Optional.of(EventStream.open(reader.tiger(), List.of(), Optional.of(middle)).untilLive());
            case ANOTHER -> Optional.of(reader.live("is-typing"));
            case OF_ONE_CONVERSATION -> Optional.of(reader.live("single_conversation:" + Somebody.fresh().token()));
        };
        List<Event> left = new ArrayList<>(told);
        List<Event> shuffled = new ArrayList<>(told);
        Collections.shuffle(shuffled, random);
        while (shuffled.size() > 12) {
            List<Event> some = shuffled.subList(0, 1 + random.nextInt(9));
            reader.tiger().acknowledge(ids(some)).expect(204);
            left.removeAll(some);
            some.clear();
        }
        open.ifPresent(EventStream::close);
        assertThat(reader.replay()).isEqualTo(left);
        reader.tiger().acknowledge(ids(left.reversed())).expect(204);
        assertThat(reader.replay()).isEmpty();
    }

    @Test
    void acknowledgingOneOfManyStreamsAcknowledgesForAllDevices() {
        try (EventStream phone = reader.live(); EventStream desk = reader.live()) {
            String id = send(1, "to both ").getFirst();
            Event onPhone = phone.await(event -> event.messageId().equals(id));
            Event onDesk = desk.await(event -> event.messageId().equals(id));
            assertThat(onPhone).isEqualTo(onDesk);
            reader.tiger().acknowledge(List.of(onPhone.id())).expect(204);
        }
        assertThat(reader.replayedBodies()).isEmpty();
    }

    @Test
    void streamsThatOpenAmidSendingTellEverythingOnce() throws Exception {
        int count = 300;
        try (ExecutorService sending = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<List<String>> sent = sending.submit(() -> send(count, "amid "));
            List<EventStream> streams = new ArrayList<>();
            while (!sent.isDone()) {
                streams.add(reader.live());
                Somebody.until("a stream is live", () -> streams.getLast().received().size() > 1);
                if (streams.size() == 12) {
                    break;
                }
            }
            List<String> expected = sent.get();
            for (EventStream stream : streams) {
                List<Event> messages = stream.await(count, Event::isMessage);
                assertThat(messages.stream().map(Event::messageId)).containsExactlyElementsOf(expected);
                stream.close();
                assertThat(stream.messages()).hasSize(count);
            }
            assertThat(streams).isNotEmpty();
        }
    }

    @Test
    void moreEventsThanAServerTracksAreStillAcknowledgedOneByOne() throws Exception {
        int messages = 3_600;
        sender.caughtUp();
        List<String> sent = new ArrayList<>();
        try (ExecutorService sending = Executors.newFixedThreadPool(12)) {
            List<Future<String>> sends = IntStream.range(0, messages)
                    .mapToObj(i -> sending.submit(() -> sender.says(reader, "many"))).toList();
            for (Future<String> send : sends) {
                sent.add(send.get());
            }
        }
        String[] all = sent.toArray(String[]::new);
        List<Event> waiting = new ArrayList<>();
        try (EventStream stream = sender.live()) {
            reader.tiger().delivered(all).expect(200);
            reader.tiger().read(all).expect(200);
            // More than ten thousand events wait: each message, its delivery and its reading.
            Somebody.until("all have come", () -> stream.received().stream()
                    .filter(event -> event.text("status").equals("Read")).count() == messages);
            waiting.addAll(stream.received().stream().filter(event -> !event.isControl()).toList());
            assertThat(waiting.size()).isGreaterThan(10_700);
            sender.tiger().acknowledge(ids(waiting.subList(0, 100))).expect(204);
            waiting.subList(0, 100).clear();
            String late = sender.says(reader, "late");
            Event last = stream.await(event -> event.messageId().equals(late));
            sender.tiger().acknowledge(List.of(last.id())).expect(204);
        }
        Set<String> left = new HashSet<>(ids(sender.replay()));
        assertThat(left).hasSize(waiting.size()).containsAll(ids(waiting));
    }
}
