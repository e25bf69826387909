package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.client.EventStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Sections 3.17 to 3.19 of the contract: a person's conversations, and what leaving one deletes. */
class RosterFollowsTheMessages {
    private final Somebody one = Somebody.fresh();
    private final Somebody other = Somebody.fresh();

    private static void isTold(EventStream stream, String action, String token) {
        JsonNode friend = stream.next(event -> event.is("friends")).payload().path("friend");
        assertThat(friend.path("action").asString()).isEqualTo(action);
        assertThat(friend.path("token").asString()).isEqualTo(token);
    }

    @Test
    void theFirstMessageListsTheConversationOnBothSides() {
        try (EventStream ones = one.live(); EventStream others = other.live()) {
            one.says(other, "first");
            isTold(ones, "add", other.token());
            isTold(others, "add", one.token());
            one.says(other, "second");
            String fence = other.says(one, "third");
            ones.await(event -> event.messageId().equals(fence));
            assertThat(ones.received()).filteredOn(event -> event.is("friends")).hasSize(1);
        }
        JsonNode entity = other.tiger().roster().expect(200).reply().path(0);
        assertThat(entity.path("token").asString()).isEqualTo(one.token());
        for (String field : List.of("type", "xmlns")) {
            assertThat(entity.path(field).asString()).isEqualTo("tigertext:entity:account");
        }
        for (String field : List.of("organization_key", "organization_id")) {
            assertThat(entity.path(field).asString()).isEqualTo(TheServer.organization());
        }
        assertThat(entity.path("display_name").asString()).isNotEmpty();
    }

    @Test
    void theMostRecentConversationIsTheFirst() {
        Somebody third = Somebody.fresh();
        one.says(other, "a");
        third.says(one, "b");
        String group = one.group("Latest", false, other);
        assertThat(one.roster()).containsExactly(group, third.token(), other.token());
        other.says(one, "c");
        assertThat(one.roster()).containsExactly(other.token(), group, third.token());
        other.says(group, "d");
        assertThat(one.roster()).containsExactly(group, other.token(), third.token());
        JsonNode first = one.tiger().roster().expect(200).reply().path(0);
        assertThat(first.path("type").asString()).isEqualTo("tigertext:entity:group");
        assertThat(first.path("organization_key").asString()).isEqualTo(TheServer.organization());
        assertThat(first.path("members")).hasSize(2);
    }

    @Test
    void aConversationMayBeListedBeforeItsFirstMessage() {
        try (EventStream stream = one.live()) {
            one.tiger().in(TheServer.organization()).addToRoster(other.token(), "account").expect(204);
            one.tiger().addToRoster(other.email(), "account").expect(204);
            isTold(stream, "add", other.token());
        }
        assertThat(one.roster()).containsExactly(other.token());
        assertThat(other.roster()).isEmpty();
        String group = other.group("Not mine", false);
        one.tiger().addToRoster(group, "group").expect(404);
        one.tiger().addToRoster(Somebody.stranger().token(), "account").expect(404);
        other.tiger().addToRoster(group, "group").expect(204);
    }

    @Test
    void deletingAConversationDeletesItForTheCallerOnly() {
        String ones = one.says(other, "from one");
        String others = other.says(one, "from the other");
        one.tiger().read(others).expect(200);
        try (EventStream stream = one.live()) {
            one.tiger().in(TheServer.organization()).leave(other.token(), "account").expect(204);
            isTold(stream, "add", other.token());
            isTold(stream, "del", other.token());
        }
        assertThat(one.roster()).isEmpty();
        for (String message : List.of(ones, others)) {
            one.tiger().message(message).expect(404);
            one.tiger().messageStatus(message).expect(404);
            assertThat(other.message(message).path("status").asString()).isEqualTo(
                    message.equals(others) ? "Read" : "New");
        }
        assertThat(one.replayedBodies()).isEmpty();
        assertThat(other.roster()).containsExactly(one.token());
        assertThat(other.replayedBodies()).containsExactly("from one", "from the other");

        // What comes later lists it again, without what was before.
        try (EventStream stream = one.tiger().events("no-offline-messages").untilLive()) {
            String later = other.says(one, "later");
            isTold(stream, "add", other.token());
            stream.await(event -> event.messageId().equals(later));
            assertThat(one.message(later).path("body").asString()).isEqualTo("later");
        }
        assertThat(one.roster()).containsExactly(other.token());
        assertThat(one.replayedBodies()).containsExactly("later");
        one.tiger().message(others).expect(404);
    }

    @Test
    void leavingAGroupByTheRosterLeavesTheGroup() {
        String group = one.group("Leave", false, other);
        try (EventStream ones = one.live(); EventStream others = other.live()) {
            other.tiger().in(TheServer.organization()).leave(group, "group").expect(204);
            others.await(event -> event.is("friends") && event.payload().at("/friend/action").asString()
                    .equals("del"));
            assertThat(ones.await(event -> event.is("bang")).payload().at("/subject_entity/token").asString())
                    .isEqualTo(other.token());
        }
        assertThat(other.roster()).isEmpty();
        assertThat(one.tiger().members(group).expect(200).reply()).hasSize(1);
        one.tiger().leave("nobody@example.org", "account").expect(404);
        one.tiger().leave(Somebody.stranger().token(), "account").expect(404);
    }
}
