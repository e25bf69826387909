package ephemera.server.door.tigerconnect;

import ephemera.core.directory.People;
import ephemera.core.directory.Person;
import ephemera.core.directory.PersonId;
import ephemera.core.inbox.Dialect;
import ephemera.core.inbox.Event;
import ephemera.core.inbox.Told;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Mute;
import ephemera.core.talk.Notice;
import ephemera.core.talk.ReceiptStatus;
import ephemera.core.talk.Rooms;
import ephemera.server.http.JsonText;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * How events are written to a stream (sections 4.3 and 4.6): one JSON object on one {@code data} line, no event name,
 * exactly one key in {@code event}. Thread-safe.
 */
final class TigerDialect implements Dialect<Buffer> {

    private static final byte[] ID = "id: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte NEWLINE = '\n';
    private static final Buffer NOTHING = Buffer.buffer();

    /**
     * Larger groups are told without their members, whom clients can fetch: everybody to everybody would be a flood.
     */
    private static final int MEMBERS_TOLD = 1_000;

    private final Wire wire;
    private final People people;
    private final Rooms rooms;
    private final EventIds ids;

    TigerDialect(Wire wire, People people, Rooms rooms, EventIds ids) {
        this.wire = wire;
        this.people = people;
        this.rooms = rooms;
        this.ids = ids;
    }

    @Override
    public Buffer render(Event event) {
        return switch (event) {
            case Told told -> durable(told.entry());
            case Event.ReplayStarted(long count) ->
                    passing(
                            "client_advisory",
                            JsonText.object()
                                    .set("advisory", JsonText.object()
                                            .put("name", "replay_start")
                                            .put("replay_message_count", count)));
            case Event.CaughtUp() ->
                    passing(
                            "client_advisory",
                            JsonText.object().set("advisory", JsonText.object().put("name", "replay_stop")));
            case Event.Heartbeat() -> passing("sse:heartbeat", JsonText.object());
            case Event.SignedOut() -> passing("remote_wipe", JsonText.object());
            case Event.Typing typing -> passing("message:is_typing", typing(typing));
        };
    }

    /** The contract has no event for reactions. */
    @Override
    public boolean tells(Notice notice) {
        return !(notice instanceof Notice.Reacted);
    }

    private static ObjectNode typing(Event.Typing typing) {
        ObjectNode node = JsonText.object()
                .put("sender_token", typing.sender().toString())
                .put("status", typing.started() ? "typing" : "stopped")
                .put("org_token", typing.organization().token())
                .put("is_group", typing.group().isPresent());
        typing.group().ifPresent(group -> node.put("group_token", group.toString()));
        return node;
    }

    private static Buffer passing(String name, ObjectNode payload) {
        return frame(Optional.empty(), EventIds.CONTROL, name, payload);
    }

    /** The event of an entry; nothing if what it is about is gone. */
    private Buffer durable(Entry entry) {
        String id = ids.of(entry.position());
        return switch (entry.notice()) {
            case Notice.Sent(Message message, boolean history) ->
                    frame(id, message.inGroup() ? "group_message" : "message", message(message, history));
            case Notice.Marked(var message, var request, var inGroup, var reader, var status, var at) ->
                    frame(
                            id,
                            inGroup ? "group:message:status" : "message:status",
                            status(message, request, reader, status, at).put("is_recalled", false));
            case Notice.Recalled(var message, var request, var inGroup, var sender, var at) ->
                    frame(
                            id,
                            inGroup ? "group:message:status" : "message:status",
                            status(message, request, sender, ReceiptStatus.NEW, at).put("is_recalled", true));
            case Notice.Reacted _ -> NOTHING;
            case Notice.Joined(var group, var by, var subject, var at) ->
                    bang(entry, "added", group, by, subject)
                            .map(bang -> frame(id, "bang", bang.put("created_on", Wire.time(at))))
                            .orElse(NOTHING);
            case Notice.Left(var group, var by, var subject, var at) ->
                    bang(entry, "removed", group, by, subject)
                            .map(bang -> frame(id, "bang", bang.put("created_on", Wire.time(at))))
                            .orElse(NOTHING);
            case Notice.PersonListed(PersonId other) ->
                    person(other).map(user -> friends(id, "add", user)).orElse(NOTHING);
            case Notice.PersonUnlisted(PersonId other) ->
                    person(other).map(user -> friends(id, "del", user)).orElse(NOTHING);
            case Notice.GroupListed(var group) -> group(group).map(node -> friends(id, "add", node)).orElse(NOTHING);
            case Notice.GroupUnlisted(var group) ->
                    friends(
                            id,
                            "del",
                            JsonText.object()
                                    .put("token", group.toString())
                                    .put("type", Wire.GROUP)
                                    .put("xmlns", Wire.GROUP));
            case Notice.GroupChanged(var group) -> group(group).map(node -> update(id, node)).orElse(NOTHING);
            case Notice.PersonChanged(var changed) -> person(changed).map(node -> update(id, node)).orElse(NOTHING);
            case Notice.MuteChanged(Mute mute, boolean lifted) ->
                    people.person(mute.person())
                            .map(person -> frame(
                                    id,
                                    "conversation_mute",
                                    Wire.mute(mute, person.organization())
                                            .put("token", mute.person().toString())
                                            .put("action", lifted ? "del" : "add")))
                            .orElse(NOTHING);
        };
    }

    private ObjectNode message(Message message, boolean history) {
        ObjectNode node = wire.message(message, ReceiptStatus.NEW)
                .put("expire_in", message.lifespan().ends()
                        ? Duration.between(message.sentAt(), message.expiresAt()).toSeconds()
                        : message.lifespan().toldMinutes() * 60L);
        if (history) {
            node.put("is_group_replay", true);
        }
        return node;
    }

    /** A status event; {@code client_id} is the key that every client uses. */
    private static ObjectNode status(
            MessageId message, String requestId, PersonId reader, ReceiptStatus status, Instant at) {
        ObjectNode node = JsonText.object()
                .put("client_id", message.toString())
                .put("message_id", message.toString())
                .put("status", Wire.status(status))
                .put("account_id", reader.toString())
                .put("timestamp", Wire.time(at));
        Wire.putText(node, "request_id", requestId);
        return node;
    }

    private Optional<ObjectNode> bang(Entry entry, String what, ConversationId group, PersonId by, PersonId subject) {
        Optional<Conversation.Group> target = rooms.group(group);
        Optional<Person> caller = people.person(by);
        Optional<Person> moved = people.person(subject);
        if (target.isEmpty() || caller.isEmpty() || moved.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode node = JsonText.object()
                .put("event", what)
                .put("bang_id", ids.of(entry.position()))
                .put("sort_number", entry.position().value())
                .put("sort_series", 1)
                .put("organization_id", target.get().organization().token());
        node.set("caller_entity", wire.user(caller.get()));
        node.set("subject_entity", wire.user(moved.get()));
        node.set("target_entity", wire.groupWithoutMembers(target.get()));
        return Optional.of(node);
    }

    private Optional<ObjectNode> person(PersonId id) {
        return people.person(id).map(wire::user);
    }

    private Optional<ObjectNode> group(ConversationId id) {
        return rooms.group(id)
                .map(group -> group.members().size() > MEMBERS_TOLD ? wire.groupWithoutMembers(group)
                        : wire.group(group));
    }

    /** A roster event, in the shape of the JavaScript client and, beside it, of the Android one. */
    private static Buffer friends(String id, String action, ObjectNode entity) {
        ObjectNode friend = entity.deepCopy().put("action", action);
        entity.put("id", entity.path("token").asString());
        ObjectNode payload = JsonText.object().put("action", action);
        payload.set("friend", friend);
        payload.set("entity", entity);
        return frame(id, "friends", payload);
    }

    /** A change of an entity: flat for the JavaScript client, and as a list for the Android one. */
    private static Buffer update(String id, ObjectNode entity) {
        ObjectNode payload = entity.deepCopy();
        payload.putArray("entities").add(entity);
        return frame(id, "update", payload);
    }

    private static Buffer frame(String id, String name, ObjectNode payload) {
        return frame(Optional.of(id), id, name, payload);
    }

    private static Buffer frame(Optional<String> position, String id, String name, ObjectNode payload) {
        String type = "tigertext:iq:" + name;
        if (!payload.has("xmlns")) {
            payload.put("xmlns", type);
        }
        byte[] json = JsonText.bytes(JsonText.object()
                .put("event_id", id)
                .set("event", JsonText.object().set(type, payload)));
        Buffer frame = Buffer.buffer(json.length + 64);
        position.ifPresent(text -> frame.appendBytes(ID).appendString(text).appendByte(NEWLINE));
        return frame.appendBytes(DATA).appendBytes(json).appendByte(NEWLINE).appendByte(NEWLINE);
    }
}
