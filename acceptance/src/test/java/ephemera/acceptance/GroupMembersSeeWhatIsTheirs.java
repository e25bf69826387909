package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Multipart;
import ephemera.acceptance.client.Reply;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Sections 3.9 to 3.15 of the contract: who is in a group, what they see of it, and what they are told. */
class GroupMembersSeeWhatIsTheirs {
    private static final byte[] PICTURE = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10};

    private final Somebody creator = Somebody.fresh();
    private final Somebody member = Somebody.fresh();
    private final Somebody newcomer = Somebody.fresh();

    private static List<String> members(Somebody viewer, String group) {
        return viewer.tiger().members(group).expect(200).reply().valueStream().map(JsonNode::asString).toList();
    }

    private static List<Event> messages(List<Event> events) {
        return events.stream().filter(Event::isMessage).toList();
    }

    @Test
    void aNewGroupIsToldToAllItsMembersAsAWhole() {
        try (EventStream stream = member.live(); EventStream own = creator.live()) {
            JsonNode group = creator.tiger().in(TheServer.organization()).createGroup("Night shift", member.token())
                    .expect(200).reply();
            assertThat(group.path("name").asString()).isEqualTo("Night shift");
            assertThat(group.path("display_name").asString()).isEqualTo("Night shift");
            assertThat(group.path("organization_key").asString()).isEqualTo(TheServer.organization());
            assertThat(group.path("created_by").asString()).isEqualTo(creator.token());
            assertThat(group.path("num_members").asInt()).isEqualTo(2);
            assertThat(group.path("created_time").asString()).endsWith("Z");
            assertThat(group.path("type").asString()).isEqualTo("tigertext:entity:group");
            assertThat(group.path("xmlns").asString()).isEqualTo("tigertext:entity:group");
            assertThat(group.get("is_public").asBoolean()).isFalse();
            assertThat(group.get("replay_history").asBoolean()).isFalse();
            String token = group.path("token").asString();
            for (EventStream each : List.of(stream, own)) {
                JsonNode friend = each.await(event -> event.is("friends")).payload().path("friend");
                assertThat(friend.path("action").asString()).isEqualTo("add");
                assertThat(friend.path("organization_id").asString()).isEqualTo(TheServer.organization());
                assertThat(friend.path("xmlns").asString()).isEqualTo("tigertext:entity:group");
                assertThat(friend.path("token").asString()).isEqualTo(token);
                assertThat(friend.path("members")).isEqualTo(group.path("members"));
            }
            assertThat(member.roster()).containsExactly(token);
            assertThat(creator.roster()).containsExactly(token);
        }
    }

    @Test
    void newcomersGetEarlierMessagesOnlyIfTheGroupReplaysThem() {
        for (boolean replays : List.of(true, false)) {
            String group = creator.group("History " + replays, replays, member);
            List<String> earlier = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                earlier.add((i % 2 == 0 ? creator : member).says(group, "earlier " + i));
            }
            Somebody late = Somebody.fresh();
            Somebody away = Somebody.fresh();
            try (EventStream live = late.live()) {
                creator.tiger().addMembers(group, late.token(), away.token()).expect(200);
                String later = creator.says(group, "later");
                live.await(event -> event.messageId().equals(later));
                for (List<Event> told : List.of(live.messages(), messages(away.replay()))) {
                    assertThat(told.stream().map(Event::messageId)).containsExactlyElementsOf(replays
                            ? Stream.concat(earlier.stream(), Stream.of(later)).toList() : List.of(later));
                    assertThat(told).isSortedAccordingTo(
                            Comparator.comparingLong(event -> event.payload().path("sort_number").asLong()));
                    assertThat(told.getLast().payload().has("is_group_replay")).isFalse();
                    assertThat(told.subList(0, told.size() - 1)).allMatch(event -> event.is("group_message")
                            && event.payload().path("is_group_replay").asBoolean());
                }
                assertThat(earlier).allMatch(id -> late.tiger().message(id).status() == (replays ? 200 : 403));
                late.message(later);
            }
            if (replays) {
                late.tiger().read(earlier.getFirst()).expect(200);
                assertThat(creator.status(earlier.getFirst(), late)).isEqualTo("Read");
            } else {
                late.tiger().read(earlier.getFirst()).expect(200);
                assertThat(creator.status(earlier.getFirst(), late)).as("not for them").isEmpty();
            }
            assertThat(messages(away.replay()).stream().map(Event::id).toList()).doesNotHaveDuplicates();
            away.tiger().acknowledge(away.replay().stream().map(Event::id).toList()).expect(204);
            assertThat(away.replay()).as("earlier messages are acknowledged like all others").isEmpty();
        }
    }

    @Test
    void joiningAndLeavingIsToldAsABangAndAsAChange() {
        String group = creator.group("Bang", false, member);
        try (EventStream others = member.live(); EventStream own = newcomer.live()) {
            JsonNode after = creator.tiger().addMembers(group, newcomer.token()).expect(200).reply();
            assertThat(after.path("members").valueStream().map(JsonNode::asString)).contains(newcomer.token());
            for (EventStream each : List.of(others, own)) {
                Event bang = each.await(event -> event.is("bang"));
                assertThat(bang.text("event")).isEqualTo("added");
                assertThat(bang.payload().at("/caller_entity/token").asString()).isEqualTo(creator.token());
                assertThat(bang.payload().at("/subject_entity/token").asString()).isEqualTo(newcomer.token());
                assertThat(bang.payload().at("/subject_entity/type").asString()).isEqualTo("tigertext:entity:account");
                assertThat(bang.payload().at("/subject_entity/xmlns").asString()).isEqualTo("tigertext:entity:account");
                assertThat(bang.payload().at("/target_entity/token").asString()).isEqualTo(group);
                assertThat(bang.payload().at("/target_entity/type").asString()).isEqualTo("tigertext:entity:group");
                assertThat(bang.text("organization_id")).isEqualTo(TheServer.organization());
                assertThat(bang.text("created_on")).endsWith("Z");
                assertThat(bang.text("bang_id")).isNotEmpty();
                assertThat(bang.payload().path("sort_number").asLong()).isPositive();
            }
            assertThat(own.await(event -> event.is("friends")).payload().at("/friend/action").asString())
                    .isEqualTo("add");
            others.await(event -> event.is("update") && event.text("token").equals(group)
                    && event.payload().path("members").size() == 3);

            creator.tiger().removeMembers(group, newcomer.token()).expect(204);
            assertThat(others.await(event -> event.text("event").equals("removed")).payload()
                    .at("/subject_entity/token").asString()).isEqualTo(newcomer.token());
            own.await(event -> event.is("friends") && event.payload().at("/friend/action").asString().equals("del")
                    && event.payload().at("/friend/token").asString().equals(group));
            member.tiger().removeMembers(group, member.token()).expect(204);
            others.await(event -> event.is("friends") && event.payload().at("/friend/action").asString()
                    .equals("del"));
        }
        assertThat(members(creator, group)).containsExactly(creator.token());
        assertThat(newcomer.roster()).isEmpty();
        assertThat(member.roster()).isEmpty();
    }

    @Test
    void whoLeftSeesWhatWasSaidUntilThen() {
        String group = creator.group("Left", false, member);
        String until = creator.says(group, "until then");
        member.tiger().leave(group, "group").expect(204);
        member.tiger().leave(group, "group").expect(204);
        String after = creator.says(group, "after that");
        assertThat(member.message(until).path("body").asString()).isEqualTo("until then");
        member.tiger().message(after).expect(403);
        member.tiger().send(group, "from outside").expect(403);
        member.tiger().group(group).expect(403);
        member.tiger().members(group).expect(403);
        member.tiger().addMembers(group, member.token()).expect(403);
        assertThat(member.replayedBodies()).containsExactly("until then");
        creator.tiger().addMembers(group, member.token()).expect(200);
        String again = creator.says(group, "back again");
        member.message(again);
        member.tiger().message(after).expect(403);
        // Coming back takes nothing away: what waited from the first time still waits.
        assertThat(member.message(until).path("body").asString()).isEqualTo("until then");
        assertThat(member.replayedBodies()).containsExactly("until then", "back again");
        member.tiger().read(until).expect(200);
        assertThat(creator.status(until, member)).isEqualTo("Read");
        assertThat(creator.status(after, member)).as("not for them").isEmpty();
    }

    @Test
    void whoWasRemovedIsNotToldWhatTheGroupIsNow() {
        String group = creator.group("While they were in", false, member);
        creator.tiger().updateGroup(group, Map.of("name", "Still in")).expect(204);
        creator.tiger().removeMembers(group, member.token()).expect(204);
        creator.tiger().updateGroup(group, Map.of("name", "After they left")).expect(204);
        creator.tiger().addMembers(group, newcomer.token()).expect(200);
        // The id of the first event of all: anybody can make it.
        String first = "00000001-0000-8000-8000-000000000001";
        try (EventStream stream = EventStream.open(member.tiger(), "/v2/events?lastEventId=" + first, Map.of())) {
            stream.untilLive();
            List<Event> told = stream.received().stream().filter(event -> !event.lastEventId().isEmpty()).toList();
            assertThat(told).extracting(event -> event.payload().at("/friend/action").asString())
                    .containsExactly("del");
            assertThat(stream.received()).noneMatch(event -> event.payload().toString().contains("After they left")
                    || event.payload().toString().contains(newcomer.token()));
        }
    }

    @Test
    void membersChangeTheGroupAndAreTold() {
        String group = creator.group("Old name", false, member);
        Multipart avatar = new Multipart().text("name", "New name").text("description", "who works at night")
                .file("avatar", "a.png", "image/png", PICTURE);
        try (EventStream stream = creator.live()) {
            Reply changed = member.tiger().call("POST", "/v2/group/" + group, Map.of("Content-Type",
                    avatar.contentType()), avatar.bytes()).expect(204);
            String address = changed.header("TT-X-Group-Avatar").orElse("");
            Reply picture = TheServer.anybody().get(URI.create(address).getPath()).expect(200);
            assertThat(picture.body()).isEqualTo(PICTURE);
            assertThat(picture.header("Content-Type")).contains("image/png");
            Event update = stream.await(event -> event.is("update"));
            assertThat(update.text("token")).isEqualTo(group);
            assertThat(update.text("type")).isEqualTo("tigertext:entity:group");
            assertThat(update.text("organization_key")).isEqualTo(TheServer.organization());
            assertThat(update.text("name")).isEqualTo("New name");
            assertThat(update.text("avatar")).isEqualTo(address);
            assertThat(update.payload().at("/entities/0/token").asString()).isEqualTo(group);
            JsonNode now = creator.tiger().group(group).expect(200).reply();
            assertThat(now.path("description").asString()).isEqualTo("who works at night");
            assertThat(now.path("avatar").asString()).isEqualTo(address);
        }
        // The list of members is the whole list.
        member.tiger().updateGroup(group, Map.of("members", creator.token() + "," + newcomer.token(),
                "replay_history", true)).expect(204);
        assertThat(members(creator, group)).containsExactlyInAnyOrder(creator.token(), newcomer.token());
        assertThat(creator.tiger().group(group).expect(200).reply().get("replay_history").asBoolean()).isTrue();
        assertThat(creator.tiger().group(group).expect(200).reply().path("name").asString()).isEqualTo("New name");
        member.tiger().updateGroup(group, Map.of("name", "Mine")).expect(403);
    }

    @Test
    void aGroupMayBeMadeWithAPictureAndWithoutItsCreator() {
        Multipart parts = new Multipart().text("name", "Picture").text("members", member.token())
                .text("exclude_creator", "true").json("metadata", "{\"ward\":\"7\"}")
                .file("avatar", "a.png", "image/png", PICTURE);
        Reply created = creator.tiger().call("POST", "/v2/group", Map.of("Content-Type", parts.contentType()),
                parts.bytes()).expect(200);
        String address = created.header("TT-X-Group-Avatar").orElse("");
        assertThat(created.reply().path("avatar").asString()).isEqualTo(address);
        assertThat(TheServer.anybody().get(URI.create(address).getPath()).expect(200).body()).isEqualTo(PICTURE);
        assertThat(members(member, created.groupToken())).containsExactly(member.token());
        assertThat(member.tiger().metadata(created.groupToken()).expect(200).reply().path("ward").asString())
                .isEqualTo("7");
        creator.tiger().group(created.groupToken()).expect(403);
        String id = UUID.randomUUID().toString();
        byte[] body = ("{\"name\":\"Once\",\"members\":\"" + member.token() + "\"}").getBytes(StandardCharsets.UTF_8);
        Map<String, String> headers = Map.of("Content-Type", "application/json", "Request-ID", id);
        assertThat(creator.tiger().call("POST", "/v2/group", headers, body).expect(200).groupToken())
                .isEqualTo(creator.tiger().call("POST", "/v2/group", headers, body).expect(200).groupToken());
        assertThat(member.tiger().post("/v2/role_group", Map.of("name", "Role", "members",
                List.of(creator.token()), "created_by", member.token())).expect(200).reply().path("token").asString())
                .isNotEmpty();
    }

    @Test
    void aDeletedGroupIsGoneForAll() {
        String group = creator.group("Gone", false, member);
        creator.says(group, "last words");
        member.tiger().deleteGroup(group).expect(403);
        try (EventStream stream = member.live()) {
            creator.tiger().deleteGroup(group).expect(204);
            creator.tiger().deleteGroup(group).expect(204);
            assertThat(stream.await(event -> event.is("friends") && event.payload().at("/friend/action").asString()
                    .equals("del")).payload().at("/friend/token").asString()).isEqualTo(group);
        }
        for (Somebody each : List.of(creator, member)) {
            each.tiger().group(group).expect(404);
            each.tiger().send(group, "too late").expect(404);
            assertThat(each.roster()).isEmpty();
        }
        creator.tiger().deleteGroup(UUID.randomUUID().toString()).expect(204);
        String others = creator.group("By the administrator", false, member);
        Somebody.administrator().tiger().deleteGroup(others).expect(204);
        member.tiger().group(others).expect(404);
    }

    @Test
    void outsidersSeeNothingUnlessTheGroupIsPublic() {
        String group = creator.group("Private", false, member);
        Somebody stranger = Somebody.stranger();
        for (Somebody each : List.of(newcomer, stranger)) {
            int status = each.equals(stranger) ? 404 : 403;
            each.tiger().group(group).expect(status);
            each.tiger().members(group).expect(status);
            each.tiger().addMembers(group, each.token()).expect(status);
            each.tiger().send(group, "let me in").expect(status);
            each.tiger().metadata(group).expect(status);
        }
        creator.tiger().createGroup("Foreign", stranger.token()).expect(404);
        String forum = creator.tiger().post("/v2/group", Map.of("name", "Forum of " + creator.token(), "members",
                member.token(), "is_public", true)).expect(200).groupToken();
        assertThat(newcomer.tiger().group(forum).expect(200).reply().get("is_public").asBoolean()).isTrue();
        assertThat(newcomer.tiger().post("/v2/search", Map.of("type", List.of("public_group"), "name",
                "forum of " + creator.token())).expect(200).reply().at("/results/0/entity/token").asString())
                .isEqualTo(forum);
        newcomer.tiger().send(forum, "not yet a member").expect(403);
        newcomer.tiger().addMembers(forum, newcomer.token()).expect(200);
        newcomer.says(forum, "now a member");
        stranger.tiger().group(forum).expect(404);
    }

    @Test
    void membersAreListedPageByPage() {
        List<Somebody> crowd = Somebody.fresh(3);
        String group = creator.group("Pages", false, crowd.toArray(Somebody[]::new));
        List<String> seen = new ArrayList<>();
        String continuation = "";
        do {
            JsonNode page = creator.tiger().get("/v2/group/" + group + "/members?return_user_objects=true"
                    + continuation).expect(200).reply();
            page.path("members").forEach(user -> seen.add(user.path("token").asString()));
            continuation = page.path("continuation").isNull() ? ""
                    : "&continuation=" + page.path("continuation").asString();
        } while (!continuation.isEmpty());
        assertThat(new HashSet<>(seen)).hasSameSizeAs(seen).hasSize(4);
        assertThat(seen).containsExactlyElementsOf(members(creator, group));
    }
}
