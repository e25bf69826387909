package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Multipart;
import ephemera.acceptance.client.Reply;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Sections 3.16, 3.20, 3.21 and 3.24 of the contract: profiles, pictures, metadata and mutes. */
class ProfilesAndWishesAreToldToWhomTheyConcern {
    private static final byte[] PICTURE = {(byte) 0xff, (byte) 0xd8, (byte) 0xff, 1, 2, 3};

    private final Somebody person = Somebody.fresh();
    private final Somebody peer = Somebody.fresh();

    private Reply settings(Object fields) {
        return person.tiger().post("/v2/user/" + person.token() + "/settings", fields);
    }

    private static Event update(EventStream stream, Somebody about) {
        return stream.next(event -> event.is("update") && event.text("token").equals(about.token()));
    }

    // ---- profiles ----

    @Test
    void whoHasAPersonInTheRosterIsToldOfTheNewProfile() {
        peer.says(person, "hello");
        try (EventStream peers = peer.live(); EventStream own = person.live(); EventStream other =
                Somebody.fresh().live()) {
            settings(Map.of("first_name", "Ada", "last_name", "Byron", "display_name", "Dr. Ada Byron", "status",
                    "in surgery", "dnd", "true", "dnd_text", "until noon")).expect(204);
            for (EventStream each : List.of(peers, own)) {
                Event event = update(each, person);
                assertThat(event.text("type")).isEqualTo("tigertext:entity:account");
                assertThat(event.text("display_name")).isEqualTo("Dr. Ada Byron");
                assertThat(event.text("status")).isEqualTo("in surgery");
                assertThat(event.payload().at("/entities/0/display_name").asString()).isEqualTo("Dr. Ada Byron");
            }
            assertThat(other.received()).noneMatch(event -> event.is("update"));
        }
        JsonNode seen = peer.tiger().user(person.token()).expect(200).reply();
        assertThat(seen.path("first_name").asString()).isEqualTo("Ada");
        assertThat(seen.path("last_name").asString()).isEqualTo("Byron");
        assertThat(seen.get("dnd").asBoolean()).isTrue();
        assertThat(seen.path("dnd_text").asString()).isEqualTo("until noon");
        // What is not sent stays.
        settings(Map.of("dnd", false)).expect(204);
        assertThat(person.profile().path("display_name").asString()).isEqualTo("Dr. Ada Byron");
        assertThat(person.profile().get("dnd").asBoolean()).isFalse();
        String later = peer.says(person, "in your new name");
        assertThat(person.message(later).path("sender_display_name").asString())
                .isEqualTo(peer.profile().path("display_name").asString());
    }

    @Test
    void aPictureIsUploadedAndShownUnderItsAddress() {
        Multipart parts = new Multipart().text("status", "with a picture")
                .file("avatar", "me.jpg", "image/jpeg", PICTURE);
        person.tiger().call("POST", "/v2/user/" + person.token() + "/settings", Map.of("Content-Type",
                parts.contentType()), parts.bytes()).expect(204);
        String address = peer.tiger().user(person.token()).expect(200).reply().path("avatar").asString();
        Reply picture = at(address).expect(200);
        assertThat(picture.body()).isEqualTo(PICTURE);
        assertThat(picture.header("Content-Type")).contains("image/jpeg");
        assertThat(picture.header("X-Content-Type-Options")).contains("nosniff");
        assertThat(person.profile().path("status").asString()).isEqualTo("with a picture");
        at("/v2/avatar/" + UUID.randomUUID()).expect(404);
        // An attachment is no picture: nobody gets it without credentials.
        Multipart message = new Multipart().text("recipient", peer.token())
                .file("attachment", "a.jpg", "image/jpeg", PICTURE);
        person.tiger().call("POST", "/v2/message", Map.of("Content-Type", message.contentType()), message.bytes())
                .expect(204);
        Multipart page =
                new Multipart().file("avatar", "me.html", "text/html", "<script>".getBytes(StandardCharsets.UTF_8));
        person.tiger().call("POST", "/v2/user/" + person.token() + "/settings", Map.of("Content-Type",
                page.contentType()), page.bytes()).expect(204, 400, 415);
        assertThat(at(person.profile().path("avatar").asString()).expect(200).header("Content-Type").orElse(""))
                .doesNotContain("html");
    }

    private static Reply at(String address) {
        return TheServer.anybody().witnessedBy(PublishedDocument.of(TheServer.process().url())::witness)
                .get(URI.create(address).getPath());
    }

    @Test
    void onlyAdministratorsChangeOthersAndNobodyStrangers() {
        Map<String, String> fields = Map.of("status", "changed by somebody else");
        String path = "/v2/user/" + person.token() + "/settings";
        peer.tiger().post(path, fields).expect(403);
        Somebody.stranger().tiger().post(path, fields).expect(404);
        Somebody.administrator().tiger().post(path, fields).expect(204);
        assertThat(person.profile().path("status").asString()).isEqualTo("changed by somebody else");
        settings(Map.of("display_name", " ")).expect(400);
        settings(Map.of("display_name", List.of("x"))).expect(400);
    }

    // ---- metadata ----

    @Test
    void metadataIsReplacedAsAWhole() {
        assertThat(person.tiger().metadata(person.token()).expect(200).reply().isObject()).isTrue();
        assertThat(person.tiger().metadata(person.token()).expect(200).reply()).isEmpty();
        peer.says(person, "hello");
        try (EventStream peers = peer.live()) {
            person.tiger().setMetadata(person.email(), Map.of("pager", "7", "floor", "3")).expect(204);
            update(peers, person);
            person.tiger().in(TheServer.organization()).setMetadata(person.token(), Map.of("pager", "8")).expect(204);
            update(peers, person);
        }
        JsonNode metadata = peer.tiger().metadata(person.token()).expect(200).reply();
        assertThat(metadata.propertyNames()).containsExactly("pager");
        assertThat(metadata.path("pager").asString()).isEqualTo("8");
        person.tiger().clearMetadata(person.token()).expect(204);
        assertThat(person.tiger().metadata(person.token()).expect(200).reply()).isEmpty();
        peer.tiger().setMetadata(person.token(), Map.of("pager", "9")).expect(403);
        Somebody.administrator().tiger().setMetadata(person.token(), Map.of("pager", "9")).expect(204);
        person.tiger().metadata(UUID.randomUUID().toString()).expect(404);
        person.tiger().metadata(Somebody.stranger().token()).expect(404);
    }

    @Test
    void metadataOfManyComesInTheFormOfOldAndNewClients() {
        String group = person.group("Bulk", false, peer);
        person.tiger().setMetadata(person.token(), Map.of("a", "1")).expect(204);
        peer.tiger().setMetadata(group, Map.of("b", "2")).expect(204);
        String unknown = UUID.randomUUID().toString();
        List<String> ids = List.of(group, unknown, person.token());
        JsonNode old = peer.tiger().post("/v2/metadata_bulk", Map.of("entities", ids)).expect(200).reply();
        assertThat(old).hasSize(3);
        assertThat(old.path(0).path("b").asString()).isEqualTo("2");
        assertThat(old.path(1).isObject()).isTrue();
        assertThat(old.path(2).path("a").asString()).isEqualTo("1");
        JsonNode now = peer.tiger().post("/v2/entities_bulk?render_owner_object=true", Map.of("users",
                List.of(person.token()), "metadata", ids)).expect(200).reply();
        assertThat(now.at("/users/0/" + person.token() + "/token").asString()).isEqualTo(person.token());
        assertThat(now.path("metadata").valueStream().anyMatch(each -> each.path(group).path("b").asString()
                .equals("2"))).isTrue();
        assertThat(peer.tiger().group(group).expect(200).reply().at("/metadata/b").asString()).isEqualTo("2");
    }

    // ---- mutes ----

    private Event muted(EventStream stream, String action) {
        Event event = stream.next("conversation_mute");
        assertThat(event.text("action")).isEqualTo(action);
        assertThat(event.text("token")).isEqualTo(person.token());
        return event;
    }

    @Test
    void mutesAreListedUntilTheyEndAndToldToTheirOwner() {
        String group = person.group("Loud", false, peer);
        String organization = TheServer.organization();
        Map<String, Object> direct = Map.of("sender_token", peer.token(), "sender_organization", organization,
                "receiver_organization", organization, "duration", "10");
        Map<String, Object> duration = Map.of("duration", 20);
        assertThat(person.tiger().get("/v2/mute").expect(200).reply().isArray()).isTrue();
        try (EventStream stream = person.live(); EventStream peers = peer.live()) {
            person.tiger().post("/v2/mute/p2p", direct).expect(204);
            assertThat(muted(stream, "add").payload().path("mute_duration").asInt()).isEqualTo(10);
            person.tiger().post("/v2/mute/group/" + group, duration).expect(204);
            assertThat(muted(stream, "add").text("sender_token")).isEqualTo(group);
            person.tiger().post("/v2/mute/organization/" + organization, duration).expect(204);
            assertThat(muted(stream, "add").text("sender_type")).isEqualTo("organization");

            JsonNode mutes = person.tiger().get("/v2/mute").expect(200).reply();
            assertThat(mutes.valueStream().map(mute -> mute.path("sender_type").asString()))
                    .containsExactly("account", "group", "organization");
            JsonNode mute = mutes.path(0);
            assertThat(mute.path("sender_token").asString()).isEqualTo(peer.token());
            assertThat(mute.path("organization_id").asString()).isEqualTo(organization);
            assertThat(mute.path("caller_organization").asString()).isEqualTo(organization);
            assertThat(mute.path("mute_duration").asInt()).isEqualTo(10);
            assertThat(Instant.now().getEpochSecond() - mute.path("mute_start").asLong()).isBetween(-1L, 30L);

            // Muting is not leaving: messages come.
            String message = peer.says(person, "quietly");
            stream.await(event -> event.messageId().equals(message));

            Map<String, String> headers = new LinkedHashMap<>(Map.of("TT-X-Sender-Token", peer.token(),
                    "TT-X-Sender-Organization", organization, "TT-X-Receiver-Organization", organization));
            person.tiger().call("DELETE", "/v2/mute/p2p", headers, new byte[0]).expect(204);
            assertThat(muted(stream, "del").text("sender_token")).isEqualTo(peer.token());
            person.tiger().call("DELETE", "/v2/mute/group/" + group, headers, new byte[0]).expect(204);
            muted(stream, "del");
            person.tiger().call("DELETE", "/v2/mute/organization/" + organization, Map.of(), new byte[0]).expect(204);
            muted(stream, "del");
            assertThat(person.tiger().get("/v2/mute").expect(200).reply()).isEmpty();

            person.tiger().post("/v2/mute/p2p", direct).expect(204);
            person.tiger().post("/v2/mute/group/" + group, duration).expect(204);
            muted(stream, "add");
            muted(stream, "add");
            person.tiger().delete("/v2/mute").expect(204);
            muted(stream, "del");
            muted(stream, "del");
            assertThat(person.tiger().get("/v2/mute").expect(200).reply()).isEmpty();
            assertThat(peers.received()).noneMatch(event -> event.is("conversation_mute"));
        }
    }

    @Test
    void onlyWhatOneSeesCanBeMuted() {
        Somebody stranger = Somebody.stranger();
        person.tiger().post("/v2/mute/p2p", Map.of("sender_token", stranger.token(), "duration", 5)).expect(404);
        person.tiger().post("/v2/mute/group/" + UUID.randomUUID(), Map.of("duration", 5)).expect(404);
        person.tiger().post("/v2/mute/group/" + peer.group("Not mine", false), Map.of("duration", 5)).expect(403);
        person.tiger().post("/v2/mute/organization/" + TheServer.foreignOrganization(), Map.of("duration", 5))
                .expect(404);
        for (Object duration : new Object[] {0, -1, "soon"}) {
            person.tiger().post("/v2/mute/p2p", Map.of("sender_token", peer.token(), "duration", duration))
                    .expect(400);
        }
        person.tiger().post("/v2/mute/p2p", Map.of("sender_token", peer.token())).expect(400);
        assertThat(person.tiger().get("/v2/mute").expect(200).reply()).isEmpty();
    }
}
