package ephemera.server.door.tight;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Reaction;
import ephemera.server.http.JsonText;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/** How this door writes messages (contract B.4.1). Thread-safe. */
final class MessageText {

    private final Function<PersonId, ObjectNode> author;
    private final AttachmentText files;

    /**
     * Makes it.
     *
     * @param author how a person is written
     * @param files how attachments are written
     */
    MessageText(Function<PersonId, ObjectNode> author, AttachmentText files) {
        this.author = author;
        this.files = files;
    }

    /** A message that is alive. */
    ObjectNode of(Message message, List<Reaction> reactions) {
        ObjectNode json = JsonText.object()
                .put("id", TightIds.text(TightIds.MESSAGE, message.id().value()))
                .put("conversationId", TightIds.text(TightIds.CONVERSATION, message.conversation().value()));
        json.set("author", author.apply(message.sender()));
        json.put("text", message.content().body())
                .put("status", "ACTIVE")
                .put("createdDateTime", instant(message.sentAt()))
                .put("lastUpdatedDateTime", instant(reactions.stream()
                        .map(Reaction::at)
                        .reduce(message.sentAt(), (one, other) -> one.isAfter(other) ? one : other)));
        json.set("reactions", ReactionText.grouped(reactions, author));
        json.set("attachments", files.of(message));
        return json;
    }

    /** The newest message of a conversation, as the conversation tells it. */
    ObjectNode latest(Message message) {
        ObjectNode json = JsonText.object().put("id", TightIds.text(TightIds.MESSAGE, message.id().value()));
        json.set("author", author.apply(message.sender()));
        return json.put("text", message.content().body());
    }

    /** A reaction that came or went, as a stream tells it. */
    ObjectNode reaction(Notice.Reacted reacted) {
        return ReactionText.single(
                reacted.message(), author.apply(reacted.person()), reacted.emoji(), reacted.added());
    }

    /** A message of which nothing is left but its token. */
    static ObjectNode gone(MessageId message) {
        return JsonText.object()
                .put("id", TightIds.text(TightIds.MESSAGE, message.value()))
                .put("status", "DELETED");
    }

    /** An instant in the form of this door: whole seconds in UTC. */
    static String instant(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
