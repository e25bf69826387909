package ephemera.server.door.tight;

import ephemera.core.inbox.Dialect;
import ephemera.core.inbox.Event;
import ephemera.core.inbox.Told;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Message;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Position;
import ephemera.core.talk.Rooms;
import ephemera.core.talk.Topics;
import ephemera.server.http.JsonText;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How events are written to a stream of this door: each says, like a webhook, under which path what is now what.
 *
 * <p>Told are the messages, reactions and changes of topics; what happens in other conversations is not this door's. A
 * conversation is told without what differs from reader to reader. Thread-safe.
 */
final class TightDialect implements Dialect<Buffer> {

    private static final Buffer NOTHING = Buffer.buffer();
    private static final Buffer ALIVE = Buffer.buffer(": alive\n\n");
    private static final Buffer READY = Buffer.buffer("event: ready\ndata: {}\n\n");
    private static final Buffer ENDED = Buffer.buffer("event: ended\ndata: {}\n\n");

    private final Topics topics;
    private final Rooms rooms;
    private final MessageText messages;
    private final ConversationText conversations;
    private final int generation;

    /**
     * Makes it.
     *
     * @param generation the generation of the journal whose positions the ids name
     */
    TightDialect(
            Topics topics, Rooms rooms, MessageText messages, ConversationText conversations, int generation) {
        this.topics = topics;
        this.rooms = rooms;
        this.messages = messages;
        this.conversations = conversations;
        this.generation = generation;
    }

    /** The position that the id of an event names; empty if it names none of this journal. */
    Optional<Position> position(String id) {
        String prefix = generation + "-";
        return Optional.of(id)
                .filter(text -> text.startsWith(prefix))
                .map(text -> text.substring(prefix.length()))
                .filter(digits -> digits.matches("[0-9]{1,18}"))
                .map(Long::parseLong)
                .map(Position::new);
    }

    @Override
    public boolean tells(Notice notice) {
        return switch (notice) {
            case Notice.Sent(Message message, boolean history) -> message.inGroup() && !history;
            case Notice.Recalled recalled -> recalled.inGroup();
            case Notice.Reacted reacted -> reacted.inGroup();
            case Notice.GroupListed _, Notice.GroupUnlisted _, Notice.GroupChanged _ -> true;
            default -> false;
        };
    }

    @Override
    public Buffer render(Event event) {
        return switch (event) {
            case Told told -> durable(told.entry());
            case Event.CaughtUp() -> READY;
            case Event.Heartbeat() -> ALIVE;
            case Event.SignedOut() -> ENDED;
            case Event.ReplayStarted _, Event.Typing _ -> NOTHING;
        };
    }

    private Buffer durable(Entry entry) {
        Position at = entry.position();
        return switch (entry.notice()) {
            case Notice.Sent(Message message, boolean history) ->
                    !history && isTopic(message.conversation())
                            ? frame(at, path(TightIds.MESSAGE, message.id().value()), messages.of(message, List.of()))
                            : NOTHING;
            case Notice.Recalled recalled ->
                    recalled.inGroup()
                            ? frame(
                                    at,
                                    path(TightIds.MESSAGE, recalled.message().value()),
                                    MessageText.gone(recalled.message()))
                            : NOTHING;
            case Notice.Reacted reacted ->
                    isTopic(reacted.conversation())
                            ? frame(
                                    at,
                                    path(TightIds.MESSAGE, reacted.message().value()) + "/reactions/"
                                            + reacted.emoji().code(),
                                    messages.reaction(reacted))
                            : NOTHING;
            case Notice.GroupListed(var group) -> changed(at, group);
            case Notice.GroupChanged(var group) -> changed(at, group);
            case Notice.GroupUnlisted(var group) ->
                    // Who has only left a topic can see it all the same.
                    rooms.group(group).isPresent()
                            ? NOTHING
                            : frame(at, path(TightIds.CONVERSATION, group.value()), ConversationText.gone(group));
            default -> NOTHING;
        };
    }

    private boolean isTopic(ConversationId conversation) {
        return rooms.group(conversation).filter(Conversation.Group::isTopic).isPresent();
    }

    private Buffer changed(Position at, ConversationId group) {
        return rooms.group(group)
                .filter(Conversation.Group::isTopic)
                .flatMap(topics::shown)
                .map(topic -> frame(
                        at, path(TightIds.CONVERSATION, group.value()), conversations.forAll(topic)))
                .orElse(NOTHING);
    }

    private static String path(String prefix, UUID id) {
        return (prefix.equals(TightIds.MESSAGE) ? "/v6/messages/" : "/v6/conversations/")
                + TightIds.text(prefix, id);
    }

    private Buffer frame(Position at, String path, JsonNode data) {
        ObjectNode update = JsonText.object().put("type", "ENTITY_UPDATE").put("url", path);
        update.set("data", data);
        byte[] json = JsonText.bytes(update);
        return Buffer.buffer(json.length + 40)
                .appendString("id: " + generation + "-" + at.value() + "\ndata: ")
                .appendBytes(json)
                .appendString("\n\n");
    }
}
