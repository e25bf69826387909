package ephemera.server.door.tight;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Topic;
import ephemera.server.http.JsonText;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/** How this door writes conversations (contract B.4.4). Thread-safe. */
final class ConversationText {

    private final MessageText text;
    private final Function<PersonId, ObjectNode> author;

    /**
     * Makes it.
     *
     * @param text how the newest message is written
     * @param author how a person is written
     */
    ConversationText(MessageText text, Function<PersonId, ObjectNode> author) {
        this.text = text;
        this.author = author;
    }

    /** A conversation as its viewer is shown it. */
    ObjectNode of(Topic topic) {
        ObjectNode json = JsonText.object()
                .put("id", TightIds.text(TightIds.CONVERSATION, topic.id().value()))
                .put("attachedEntityId", topic.about().entity().orElse(null))
                .put("subject", topic.about().subject());
        json.set("author", author.apply(topic.author()));
        topic.latest().ifPresentOrElse(
                message -> json.set("latestMessage", text.latest(message)), () -> json.putNull("latestMessage"));
        json.put("status", "ACTIVE")
                .put("readStatus", topic.unread() ? "UNREAD" : "READ")
                .put("resolutionStatus", topic.resolved() ? "RESOLVED" : "OPEN")
                .put("createdDateTime", MessageText.instant(topic.createdAt()))
                .put("lastUpdatedDateTime", MessageText.instant(topic.changedAt()));
        if (!topic.about().custom().isEmpty()) {
            json.set("customData", JsonText.read(topic.about().custom()));
        }
        return json;
    }

    /** A conversation of which nothing is left but its token. */
    static ObjectNode gone(ConversationId conversation) {
        return JsonText.object()
                .put("id", TightIds.text(TightIds.CONVERSATION, conversation.value()))
                .put("status", "DELETED");
    }
}
