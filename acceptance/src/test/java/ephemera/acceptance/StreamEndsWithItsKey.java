package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What signing out, wiping and revoking do to streams and requests: all of it within two seconds. */
class StreamEndsWithItsKey {
    private static final Duration BOUND = Duration.ofSeconds(2);

    private final Somebody person = Somebody.fresh();

    /** Opens a session of the person, as a device does. */
    private Somebody session() {
        JsonNode auth = person.tiger().post("/v5/login", Map.of()).expect(200).reply().path("auth");
        return person.with(auth.path("key").asString(), auth.path("secret").asString());
    }

    private static void wasSignedOut(EventStream stream) {
        assertThat(stream.awaitEnd(BOUND)).isEqualTo("closed by the server");
        assertThat(stream.received().getLast().is("remote_wipe")).isTrue();
    }

    private static void isOpen(EventStream stream, Somebody sender, Somebody reader) {
        String id = sender.says(reader, "still there?");
        stream.await(event -> event.messageId().equals(id));
        assertThat(stream.end()).isEmpty();
    }

    @Test
    void signingOutEndsTheStreamsOfThatSession() {
        Somebody phone = session();
        Somebody desk = session();
        try (EventStream first = phone.live(); EventStream second = phone.live(); EventStream other = desk.live();
                EventStream program = person.live()) {
            phone.tiger().logout().expect(204);
            wasSignedOut(first);
            wasSignedOut(second);
            isOpen(other, Somebody.fresh(), person);
            isOpen(program, Somebody.fresh(), person);
        }
        phone.tiger().me().expect(401);
        phone.tiger().get("/v2/events").expect(401);
        phone.tiger().logout().expect(401);
        desk.tiger().me().expect(200);
    }

    @Test
    void wipingEndsAllSessionsAndLeavesProgramsAlone() {
        Somebody phone = session();
        Somebody desk = session();
        try (EventStream first = phone.live(); EventStream second = desk.live(); EventStream program = person.live()) {
            phone.tiger().wipe(person.token()).expect(204);
            wasSignedOut(first);
            wasSignedOut(second);
            isOpen(program, Somebody.fresh(), person);
        }
        phone.tiger().me().expect(401);
        desk.tiger().me().expect(401);
        person.tiger().me().expect(200);
    }

    @Test
    void onlyAdministratorsWipeOthers() {
        Somebody phone = session();
        try (EventStream stream = phone.live()) {
            Somebody.fresh().tiger().wipe(person.token()).expect(403);
            Somebody.stranger().tiger().wipe(person.token()).expect(404);
            isOpen(stream, Somebody.fresh(), person);
            Somebody.administrator().tiger().wipe(person.token()).expect(204);
            wasSignedOut(stream);
        }
    }

    @Test
    void revokingAKeyByCommandEndsItsStreamsAndThoseOfItsSessions() {
        Somebody phone = session();
        JsonNode keys = TheServer.process().commands()
                .run("key", "create", "--user", person.token(), "--json").expectSuccess().json();
        Somebody program = person.with(keys.path("key").asString(), keys.path("secret").asString());
        try (EventStream revoked = person.live(); EventStream itsSession = phone.live();
                EventStream other = program.live()) {
            TheServer.process().commands().run("key", "revoke", person.credentials().key()).expectSuccess();
            // The bound counts from the end of the command.
            wasSignedOut(revoked);
            wasSignedOut(itsSession);
            isOpen(other, Somebody.fresh(), program);
        }
        person.tiger().me().expect(401);
        phone.tiger().me().expect(401);
        program.tiger().me().expect(200);
    }

    @Test
    void theOldestStreamEndsWhenAPersonHasTooMany() {
        List<EventStream> streams = Stream.generate(person::live).limit(50).toList();
        assertThat(streams).allMatch(stream -> stream.end().isEmpty());
        try (EventStream another = person.live()) {
            assertThat(streams.getFirst().awaitEnd(BOUND)).isEqualTo("closed by the server");
            isOpen(another, Somebody.fresh(), person);
            assertThat(streams.subList(1, 50)).allMatch(stream -> stream.end().isEmpty());
            assertThat(person.tiger().closeStreams().expect(200).reply().path("count").asInt()).isEqualTo(50);
        }
        streams.subList(1, 50).forEach(stream -> {
            assertThat(stream.awaitEnd(BOUND)).isEqualTo("closed by the server");
            assertThat(stream.received()).noneMatch(event -> event.is("remote_wipe"));
            assertThat(stream.received()).filteredOn(Event::isMessage).hasSize(1);
        });
    }
}
