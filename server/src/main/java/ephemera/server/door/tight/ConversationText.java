package ephemera.server.door.tight;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Topic;
import ephemera.server.http.JsonText;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/** How this door writes conversations (contract B.4.4). Thread-safe. */
final class ConversationText {

    private final MessageText messages;
    private final Function<PersonId, ObjectNode> author;

    /**
     * Makes it.
     *
     * @param author how a person is written
     */
    ConversationText(MessageText messages, Function<PersonId, ObjectNode> author) {
        this.messages = messages;
        this.author = author;
    }

    /** A topic as its viewer sees it. */
    ObjectNode of(Topic topic) {
        ObjectNode json = begun(topic);
        topic.latest().ifPresentOrElse(
                message -> json.set("latestMessage", messages.latest(message)), () -> json.putNull("latestMessage"));
        json.put("status", "ACTIVE").put("readStatus", topic.unread() ? "UNREAD" : "READ");
        return ended(topic, json);
    }

    /** A topic without what differs from viewer to viewer: what was said last, and whether it was read. */
    ObjectNode forAll(Topic topic) {
        return ended(topic, begun(topic).put("status", "ACTIVE"));
    }

    private ObjectNode begun(Topic topic) {
        ObjectNode json = JsonText.object()
                .put("id", TightIds.text(TightIds.CONVERSATION, topic.id().value()))
                .put("attachedEntityId", topic.about().entity().orElse(null))
                .put("subject", topic.about().subject());
        return json.set("author", author.apply(topic.author()));
    }

    private static ObjectNode ended(Topic topic, ObjectNode json) {
        json.put("resolutionStatus", topic.resolved() ? "RESOLVED" : "OPEN")
                .put("createdDateTime", MessageText.instant(topic.createdAt()))
                .put("lastUpdatedDateTime", MessageText.instant(topic.changedAt()));
        if (!topic.about().custom().isEmpty()) {
            json.set("customData", JsonText.read(topic.about().custom()));
        }
        return json;
    }

    /** A topic that was deleted. */
    static ObjectNode gone(ConversationId conversation) {
        return JsonText.object()
                .put("id", TightIds.text(TightIds.CONVERSATION, conversation.value()))
                .put("status", "DELETED");
    }
}
