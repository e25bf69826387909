package ephemera.server.door.tight;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.Emoji;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Reaction;
import ephemera.server.http.JsonText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How this door writes reactions (contract B.4.1 and B.4.3). Stateless. */
final class ReactionText {

    private ReactionText() {}

    /**
     * The reactions of a message: one group for each emoji, in the order in which they came first, with its authors.
     *
     * @param reactions the earliest first
     * @param author how a person is written
     */
    static ArrayNode grouped(List<Reaction> reactions, Function<PersonId, ObjectNode> author) {
        Map<Emoji, ArrayNode> groups = new LinkedHashMap<>();
        for (Reaction reaction : reactions) {
            groups.computeIfAbsent(reaction.emoji(), _ -> JsonText.array()).add(author.apply(reaction.author()));
        }
        ArrayNode written = JsonText.array();
        groups.forEach((emoji, authors) -> written.add(
                JsonText.object().put("emojiCode", emoji.code()).set("authorInfo", authors)));
        return written;
    }

    /**
     * A reaction by itself.
     *
     * @param author how its author is written
     * @param present whether it is there; otherwise it was just removed
     */
    static ObjectNode single(MessageId message, ObjectNode author, Emoji emoji, boolean present) {
        ObjectNode written = JsonText.object()
                .put("messageId", TightIds.text(TightIds.MESSAGE, message.value()))
                .put("emojiCode", emoji.code())
                .put("status", present ? "ACTIVE" : "DELETED");
        return written.set("author", author);
    }
}
