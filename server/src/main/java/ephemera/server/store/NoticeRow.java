package ephemera.server.store;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Emoji;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Mute;
import ephemera.core.talk.Notice;
import ephemera.core.talk.ReceiptStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A row of the notice table: its kind and the details, free of content, from which its events are made again.
 *
 * @param kind what happened
 * @param detail the tokens it is about
 * @param width how many events, and so positions, it has
 */
record NoticeRow(Kind kind, String detail, int width) {

    /** What a row can tell. */
    enum Kind {
        MARKED,
        RECALLED,
        REACTED,
        JOINED,
        LEFT,
        PERSON_LISTED,
        PERSON_UNLISTED,
        GROUP_LISTED,
        GROUP_UNLISTED,
        GROUP_CHANGED,
        PERSON_CHANGED,
        MUTE_CHANGED,
        /** Earlier messages for a new member; its events are made from the messages themselves. */
        HISTORY
    }

    /** The row of one notice. */
    static NoticeRow of(Notice notice, Json json) {
        ObjectNode detail = json.object();
        Kind kind = switch (notice) {
            case Notice.Marked(var message, var request, var inGroup, var reader, var status, _) -> {
                detail.putArray("messages").add(message.toString());
                detail.putArray("requests").add(request);
                detail.put("group", inGroup).put("reader", reader.toString()).put("status", status.name());
                yield Kind.MARKED;
            }
            case Notice.Recalled(var message, var request, var inGroup, var sender, _) -> {
                detail.put("message", message.toString()).put("request", request);
                detail.put("group", inGroup).put("sender", sender.toString());
                yield Kind.RECALLED;
            }
            case Notice.Reacted(var message, var conversation, var inGroup, var person, var emoji, var added, _) -> {
                detail.put("message", message.toString()).put("conversation", conversation.toString());
                detail.put("group", inGroup).put("person", person.toString());
                detail.put("emoji", emoji.name()).put("added", added);
                yield Kind.REACTED;
            }
            case Notice.Joined(var group, var by, var subject, _) -> seat(detail, group, by, subject, Kind.JOINED);
            case Notice.Left(var group, var by, var subject, _) -> seat(detail, group, by, subject, Kind.LEFT);
            case Notice.PersonListed(var other) -> about(detail, other.value(), Kind.PERSON_LISTED);
            case Notice.PersonUnlisted(var other) -> about(detail, other.value(), Kind.PERSON_UNLISTED);
            case Notice.GroupListed(var group) -> about(detail, group.value(), Kind.GROUP_LISTED);
            case Notice.GroupUnlisted(var group) -> about(detail, group.value(), Kind.GROUP_UNLISTED);
            case Notice.GroupChanged(var group) -> about(detail, group.value(), Kind.GROUP_CHANGED);
            case Notice.PersonChanged(var person) -> about(detail, person.value(), Kind.PERSON_CHANGED);
            case Notice.MuteChanged(var mute, var lifted) -> {
                about(detail, mute.person().value(), Kind.MUTE_CHANGED);
                detail.put("kind", mute.kind().name())
                        .put("target", mute.target())
                        .put("since", mute.since().toString())
                        .put("minutes", mute.minutes())
                        .put("lifted", lifted);
                yield Kind.MUTE_CHANGED;
            }
            case Notice.Sent _ -> throw new IllegalArgumentException("a message is a row of its own");
        };
        return new NoticeRow(kind, detail.toString(), 1);
    }

    /** The row for several messages of one sender that a reader marked in one call. */
    static NoticeRow marked(List<Notice.Marked> marked, Json json) {
        Notice.Marked first = marked.getFirst();
        ObjectNode detail = json.object()
                .put("group", first.inGroup())
                .put("reader", first.reader().toString())
                .put("status", first.status().name());
        ArrayNode messages = detail.putArray("messages");
        ArrayNode requests = detail.putArray("requests");
        for (Notice.Marked each : marked) {
            messages.add(each.message().toString());
            requests.add(each.requestId());
        }
        return new NoticeRow(Kind.MARKED, detail.toString(), marked.size());
    }

    /** The row for the earlier messages that a new member of a group is told, by their positions. */
    static NoticeRow history(ConversationId group, List<Long> positions, Json json) {
        ObjectNode detail = json.object().put("id", group.toString());
        ArrayNode list = detail.putArray("positions");
        positions.forEach(list::add);
        return new NoticeRow(Kind.HISTORY, detail.toString(), positions.size());
    }

    /** The notices of a row, in the order of its positions; none for {@link Kind#HISTORY}. */
    static List<Notice> read(Kind kind, JsonNode detail, Instant at) {
        return switch (kind) {
            case MARKED -> {
                List<Notice> marked = new ArrayList<>();
                for (int i = 0; i < detail.get("messages").size(); i++) {
                    marked.add(new Notice.Marked(
                            new MessageId(uuid(detail.get("messages").get(i))),
                            detail.path("requests").path(i).asString(""),
                            detail.get("group").asBoolean(),
                            new PersonId(uuid(detail.get("reader"))),
                            ReceiptStatus.valueOf(detail.get("status").asString()),
                            at));
                }
                yield marked;
            }
            case RECALLED ->
                    List.of(new Notice.Recalled(
                            new MessageId(uuid(detail.get("message"))),
                            detail.path("request").asString(""),
                            detail.get("group").asBoolean(),
                            new PersonId(uuid(detail.get("sender"))),
                            at));
            case REACTED ->
                    List.of(new Notice.Reacted(
                            new MessageId(uuid(detail.get("message"))),
                            new ConversationId(uuid(detail.get("conversation"))),
                            detail.get("group").asBoolean(),
                            new PersonId(uuid(detail.get("person"))),
                            Emoji.valueOf(detail.get("emoji").asString()),
                            detail.get("added").asBoolean(),
                            at));
            case JOINED -> List.of(new Notice.Joined(group(detail), by(detail), subject(detail), at));
            case LEFT -> List.of(new Notice.Left(group(detail), by(detail), subject(detail), at));
            case PERSON_LISTED -> List.of(new Notice.PersonListed(person(detail)));
            case PERSON_UNLISTED -> List.of(new Notice.PersonUnlisted(person(detail)));
            case GROUP_LISTED -> List.of(new Notice.GroupListed(group(detail)));
            case GROUP_UNLISTED -> List.of(new Notice.GroupUnlisted(group(detail)));
            case GROUP_CHANGED -> List.of(new Notice.GroupChanged(group(detail)));
            case PERSON_CHANGED -> List.of(new Notice.PersonChanged(person(detail)));
            case MUTE_CHANGED ->
                    List.of(new Notice.MuteChanged(
                            new Mute(
                                    person(detail),
                                    Mute.Kind.valueOf(detail.get("kind").asString()),
                                    detail.get("target").asString(),
                                    Instant.parse(detail.get("since").asString()),
                                    detail.get("minutes").asInt()),
                            detail.get("lifted").asBoolean()));
            case HISTORY -> List.of();
        };
    }

    private static Kind seat(ObjectNode detail, ConversationId group, PersonId by, PersonId subject, Kind kind) {
        detail.put("id", group.toString()).put("by", by.toString()).put("subject", subject.toString());
        return kind;
    }

    private static Kind about(ObjectNode detail, UUID id, Kind kind) {
        detail.put("id", id.toString());
        return kind;
    }

    private static UUID uuid(JsonNode node) {
        return UUID.fromString(node.asString());
    }

    private static ConversationId group(JsonNode detail) {
        return new ConversationId(uuid(detail.get("id")));
    }

    private static PersonId person(JsonNode detail) {
        return new PersonId(uuid(detail.get("id")));
    }

    private static PersonId by(JsonNode detail) {
        return new PersonId(uuid(detail.get("by")));
    }

    private static PersonId subject(JsonNode detail) {
        return new PersonId(uuid(detail.get("subject")));
    }
}
