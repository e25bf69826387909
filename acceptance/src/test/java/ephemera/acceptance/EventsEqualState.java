package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Multipart;
import ephemera.acceptance.client.Reply;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * After any action, what a client had before plus the events that it received is what it would get by asking anew.
 *
 * <p>A client that does not ask again is right all the same: for everybody involved, whether they acted, were told, or
 * stood beside.
 */
class EventsEqualState {
    private static final AtomicInteger FENCES = new AtomicInteger(1_000);

    /** One kind of action. */
    record Action(String name, Act act) {
        @Override
        public String toString() {
            return name;
        }
    }

    private interface Act {
        void on(Scene scene);
    }

    private static Action action(String name, Act act) {
        return new Action(name, act);
    }

    /** Four people with some past: two who talk, two groups (one replays its history), and somebody outside. */
    private static final class Scene {
        private final Somebody alice = Somebody.fresh();
        private final Somebody bob = Somebody.fresh();
        private final Somebody carol = Somebody.fresh();
        private final Somebody dave = Somebody.fresh();
        private final List<String> messages = new ArrayList<>();
        private final String fromAlice = sent(alice, bob.token());
        private final String fromBob = sent(bob, alice.token());
        private final String group = alice.group("Open past", true, bob, carol);
        private final String inGroup = sent(alice, group);
        {
            sent(bob, group);
        }
        private final String closed = alice.group("Closed past", false, bob);
        private final String inClosed = sent(alice, closed);

        private Scene() {
            bob.tiger().read(inClosed).expect(200);
        }

        private List<Somebody> everybody() {
            return List.of(alice, bob, carol, dave);
        }

        private String sent(Somebody sender, String recipient) {
            return sent(sender, Draft.to(recipient, "message " + messages.size()));
        }

        private String sent(Somebody sender, Draft draft) {
            return noted(sender.tiger().send(draft).expect(200));
        }

        private String noted(Reply reply) {
            messages.add(reply.messageId());
            return reply.messageId();
        }

        private void settings(Somebody person, Multipart parts) {
            person.tiger().call("POST", "/v2/user/" + person.token() + "/settings", Map.of("Content-Type",
                    parts.contentType()), parts.bytes()).expect(204);
        }

        private void group(Somebody person, String token, Multipart parts) {
            person.tiger().call("POST", "/v2/group/" + token, Map.of("Content-Type", parts.contentType()),
                    parts.bytes()).expect(204);
        }

        private void mute(Somebody person, String path, Map<String, ?> fields) {
            Map<String, Object> all = new LinkedHashMap<>(fields);
            all.put("duration", 15);
            person.tiger().post("/v2/mute/" + path, all).expect(204);
        }
    }

    static Stream<Action> actions() {
        return Stream.of(talking(), receipts(), groups(), conversations(), people()).flatMap(each -> each);
    }

    private static Stream<Action> talking() {
        return Stream.of(
                action("a direct message", s -> s.sent(s.alice, s.bob.token())),
                action("a first direct message", s -> s.sent(s.alice, s.dave.token())),
                action("a message to oneself", s -> s.sent(s.alice, s.alice.token())),
                action("a group message", s -> s.sent(s.bob, s.group)),
                action("many messages", s -> {
                    for (int i = 0; i < 20; i++) {
                        s.sent(i % 2 == 0 ? s.alice : s.bob, i % 3 == 0 ? s.group : s.carol.token());
                    }
                }),
                action("a message with everything", s -> s.sent(s.carol, Draft.to(s.alice.token(), "all").withTtl(7)
                        .withPriority(1).withDeleteOnRead(true).withData("ns:x", "{\"a\":1}")
                        .withAttachment("plan.txt", "text/plain", new byte[] {1, 2}))),
                action("a message to an unknown address", s -> s.sent(s.alice, UUID.randomUUID() + "@example.org")),
                action("a repeated request", s -> {
                    Draft draft = Draft.to(s.bob.token(), "once");
                    s.sent(s.alice, draft);
                    s.sent(s.alice, draft);
                }),
                action("a forward to somebody new", s -> s.noted(s.bob.tiger().forward(s.fromAlice, s.dave.token())
                        .expect(204))),
                action("a forward to a group", s -> s.noted(s.bob.tiger().forward(s.fromAlice, s.group).expect(204))),
                action("a recall", s -> s.alice.tiger().recall(s.fromAlice).expect(204)),
                action("a recall in a group", s -> s.alice.tiger().recall(s.inGroup).expect(204)),
                action("a recall of what was read", s -> {
                    s.bob.tiger().read(s.fromAlice).expect(200);
                    s.alice.tiger().recall(s.fromAlice).expect(204);
                    s.alice.tiger().recall(s.fromAlice).expect(204);
                }),
                action("typing", s -> s.alice.tiger().typing(s.group).expect(204)));
    }

    private static Stream<Action> receipts() {
        return Stream.of(
                action("a delivery", s -> s.bob.tiger().delivered(s.fromAlice).expect(200)),
                action("a reading", s -> s.bob.tiger().read(s.fromAlice).expect(200)),
                action("a delivery after a reading", s -> {
                    s.bob.tiger().read(s.fromAlice).expect(200);
                    s.bob.tiger().delivered(s.fromAlice, s.inClosed).expect(200);
                }),
                action("a reading in a group", s -> s.bob.tiger().read(s.inGroup).expect(200)),
                action("a reading by all", s -> List.of(s.alice, s.bob, s.carol).forEach(
                        each -> each.tiger().read(s.messages.toArray(String[]::new)).expect(200))),
                action("a reading by a stranger", s -> s.dave.tiger().read(s.fromAlice, s.inGroup).expect(200)),
                action("a delivery by the stream itself", s -> {
                    try (EventStream stream = s.bob.live("auto-deliver")) {
                        stream.await(event -> event.is("message:status") && event.messageId().equals(s.fromAlice));
                    }
                }));
    }

    private static Stream<Action> groups() {
        return Stream.of(
                action("a new group", s -> s.alice.group("New", true, s.bob, s.dave)),
                action("a new group without its creator", s -> s.alice.tiger().post("/v2/group", Map.of("name",
                        "Others", "members", s.bob.token(), "exclude_creator", true, "metadata", Map.of("a", "b")))
                        .expect(200)),
                action("a new name", s -> s.bob.tiger().updateGroup(s.group, Map.of("name", "Renamed",
                        "description", "why")).expect(204)),
                action("a group's picture", s -> s.group(s.alice, s.group,
                        new Multipart().file("avatar", "a.png", "image/png", new byte[] {(byte) 0x89, 'P', 'N', 'G'}))),
                action("a newcomer who gets the past", s -> s.alice.tiger().addMembers(s.group, s.dave.token())
                        .expect(200)),
                action("a newcomer who does not", s -> s.bob.tiger().addMembers(s.closed, s.carol.token(),
                        s.dave.token()).expect(200)),
                action("a removal", s -> s.alice.tiger().removeMembers(s.group, s.bob.token()).expect(204)),
                action("a quiet removal", s -> s.alice.tiger().post("/v2/group/" + s.group
                        + "/members/remove?bang_notification=false", Map.of("members", s.carol.token())).expect(204)),
                action("a removal of oneself", s -> s.bob.tiger().removeMembers(s.group, s.bob.token()).expect(204)),
                action("leaving by the roster", s -> s.bob.tiger().leave(s.group, "group").expect(204)),
                action("coming back", s -> {
                    s.bob.tiger().read(s.inGroup).expect(200);
                    for (String each : List.of(s.group, s.closed)) {
                        s.alice.tiger().removeMembers(each, s.bob.token()).expect(204);
                        s.sent(s.alice, each);
                        s.alice.tiger().addMembers(each, s.bob.token()).expect(200);
                        s.sent(s.alice, each);
                    }
                }),
                action("a new set of members", s -> s.alice.tiger().updateGroup(s.group, Map.of("name", "Changed",
                        "members", s.alice.token() + "," + s.dave.token())).expect(204)),
                action("other rules", s -> s.alice.tiger().updateGroup(s.closed, Map.of("replay_history", true))
                        .expect(204)),
                action("a group's metadata", s -> s.alice.tiger().setMetadata(s.group, Map.of("a", "b")).expect(204)),
                action("a deleted group", s -> s.alice.tiger().deleteGroup(s.group).expect(204)),
                action("a message and a deleted group", s -> {
                    s.sent(s.bob, s.closed);
                    s.alice.tiger().deleteGroup(s.closed).expect(204);
                }),
                action("joining a public group", s -> {
                    String forum = s.alice.tiger().post("/v2/group", Map.of("name", "Forum", "is_public", true))
                            .expect(200).groupToken();
                    s.dave.tiger().addMembers(forum, s.dave.token()).expect(200);
                    s.sent(s.dave, forum);
                }));
    }

    private static Stream<Action> conversations() {
        return Stream.of(
                action("listing a conversation", s -> s.alice.tiger().addToRoster(s.dave.token(), "account")
                        .expect(204)),
                action("deleting a conversation", s -> s.alice.tiger().leave(s.bob.token(), "account").expect(204)),
                action("a message after deleting", s -> {
                    s.alice.tiger().leave(s.bob.token(), "account").expect(204);
                    s.sent(s.bob, s.alice.token());
                    s.sent(s.alice, s.bob.token());
                }),
                action("deleting by both and a reading of what is left", s -> {
                    s.bob.tiger().read(s.fromAlice).expect(200);
                    s.alice.tiger().leave(s.bob.token(), "account").expect(204);
                    s.bob.tiger().leave(s.alice.token(), "account").expect(204);
                    s.alice.tiger().read(s.fromBob).expect(200);
                }),
                action("muting a person", s -> s.mute(s.alice, "p2p", Map.of("sender_token", s.bob.token()))),
                action("muting a group twice", s -> {
                    s.mute(s.bob, "group/" + s.group, Map.of());
                    s.mute(s.bob, "group/" + s.group, Map.of());
                }),
                action("unmuting", s -> {
                    s.mute(s.alice, "p2p", Map.of("sender_token", s.bob.token()));
                    s.alice.tiger().delete("/v2/mute/p2p?sender_token=" + s.bob.token()).expect(204);
                    s.alice.tiger().delete("/v2/mute/p2p?sender_token=" + s.dave.token()).expect(204);
                }),
                action("unmuting all", s -> {
                    s.mute(s.alice, "p2p", Map.of("sender_token", s.bob.token()));
                    s.mute(s.alice, "group/" + s.group, Map.of());
                    s.alice.tiger().delete("/v2/mute").expect(204);
                }));
    }

    private static Stream<Action> people() {
        return Stream.of(
                action("a new profile", s -> s.settings(s.bob, new Multipart().text("display_name", "Robert")
                        .text("status", "away").text("dnd", "true"))),
                action("a new picture", s -> s.settings(s.alice, new Multipart().file("avatar", "a.png", "image/png",
                        new byte[] {(byte) 0x89, 'P', 'N', 'G'}))),
                action("a person's metadata", s -> s.bob.tiger().setMetadata(s.bob.token(), Map.of("a", "b"))
                        .expect(204)),
                action("an administrator's change", s -> Somebody.administrator().tiger().post("/v2/user/"
                        + s.carol.token() + "/settings", Map.of("display_name", "Caroline")).expect(204)));
    }

    @ParameterizedTest
    @MethodSource("actions")
    void forEverybodyInvolved(Action action) {
        Scene scene = new Scene();
        Map<Somebody, EventStream> streams = new LinkedHashMap<>();
        Map<Somebody, Mirror> mirrors = new LinkedHashMap<>();
        Map<Somebody, Integer> applied = new LinkedHashMap<>();
        try {
            for (Somebody each : scene.everybody()) {
                EventStream stream = each.live("is-typing");
                streams.put(each, stream);
                applied.put(each, fenced(each, stream));
                mirrors.put(each, Mirror.of(each, scene.messages));
            }
            action.act().on(scene);
            streams.forEach((each, stream) -> {
                int through = fenced(each, stream);
                Mirror mirror = Objects.requireNonNull(mirrors.get(each));
                stream.received().subList(Objects.requireNonNull(applied.get(each)), through).forEach(mirror::apply);
                assertThat(mirror.state()).as("what %s knows after %s", each.equals(scene.alice) ? "Alice"
                        : each.equals(scene.bob) ? "Bob" : each.equals(scene.carol) ? "Carol" : "Dave", action)
                        .isEqualTo(Mirror.of(each, scene.messages).state());
                assertThat(stream.end()).isEmpty();
            });
        } finally {
            streams.values().forEach(EventStream::close);
        }
    }

    /** Makes a change that is nobody else's business, waits for its event, and gives the number of events up to it. */
    private static int fenced(Somebody person, EventStream stream) {
        int minutes = FENCES.incrementAndGet();
        person.tiger().post("/v2/mute/organization/" + TheServer.organization(), Map.of("duration", minutes))
                .expect(204);
        Event fence = stream.await(event -> event.is("conversation_mute")
                && event.payload().path("mute_duration").asInt() == minutes);
        return stream.received().indexOf(fence) + 1;
    }
}
