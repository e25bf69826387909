package ephemera.server.door.tight;

import ephemera.core.Failure;
import ephemera.core.Limits;
import ephemera.core.Refused;
import ephemera.core.directory.Caller;
import ephemera.core.talk.Content;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Draft;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Position;
import ephemera.core.talk.Reaction;
import ephemera.core.talk.Reactions;
import ephemera.core.talk.Sending;
import ephemera.core.talk.Topic;
import ephemera.core.talk.TopicArchive;
import ephemera.core.talk.TopicQuery;
import ephemera.core.talk.Topics;
import ephemera.core.talk.Uploads;
import ephemera.server.http.Access;
import ephemera.server.http.Call;
import ephemera.server.http.Reply;
import ephemera.server.http.Route;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** Conversations: save, look at, delete, and their messages (contract B.4.4). */
final class ConversationRoutes {

    private static final List<String> RESOLVED = List.of("RESOLVED", "CLOSED");

    private final Topics topics;
    private final Sending sending;
    private final Uploads uploads;
    private final Reactions reactions;
    private final Idempotent idempotent;
    private final Bookmarks bookmarks;
    private final MessageText text;
    private final ConversationText conversations;
    private final Limits limits;

    ConversationRoutes(
            Topics topics,
            Sending sending,
            Uploads uploads,
            Reactions reactions,
            Idempotent idempotent,
            Bookmarks bookmarks,
            MessageText text,
            ConversationText conversations,
            Limits limits) {
        this.topics = topics;
        this.sending = sending;
        this.uploads = uploads;
        this.reactions = reactions;
        this.idempotent = idempotent;
        this.bookmarks = bookmarks;
        this.text = text;
        this.conversations = conversations;
        this.limits = limits;
    }

    List<Route> routes() {
        return List.of(
                idempotent.writing(
                        "/v6/conversations",
                        Batch.of(this::save, (caller, id) -> now(caller, new ConversationId(id)))),
                idempotent.reading("/v6/conversations/query", this::query),
                new Route("GET", "/v6/conversations/{id}", Access.TOKEN, this::show),
                new Route("DELETE", "/v6/conversations/{id}", Access.TOKEN, this::delete),
                new Route("GET", "/v6/conversations/{id}/messages", Access.TOKEN, this::messages));
    }

    private List<Batch.Saved> save(Idempotent.Attempt attempt, List<JsonNode> data) {
        Caller caller = attempt.call().caller();
        List<Batch.Saved> items = new ArrayList<>();
        for (int i = 0; i < data.size(); i++) {
            String requestId = attempt.requestId(i);
            Fields fields = Fields.of(data.get(i));
            Optional<UUID> known = fields.id("id", TightIds.CONVERSATION);
            items.add(fields.item(() -> (fields.has("id")
                    ? known.flatMap(id -> change(caller, new ConversationId(id), fields))
                    : create(caller, fields, requestId))
                    .map(id -> Batch.Saved.done(id.value(), now(caller, id)))));
        }
        return items;
    }

    private Optional<ConversationId> create(Caller caller, Fields fields, String requestId) {
        Optional<String> subject = fields.text("subject", limits.metadataValueLength());
        Optional<String> entity = fields.text("attachedEntityId", limits.nameLength());
        Optional<String> custom = fields.json("customData", limits.metadataValueLength());
        Optional<Fields> first = fields.object("message");
        Optional<String> body = first.flatMap(message -> message.body("text", limits));
        Optional<List<UUID>> files = first.map(AttachmentText::ids).orElse(Optional.of(List.of()));
        if (subject.isEmpty()) {
            fields.missing("subject");
        }
        if (body.isEmpty() && files.filter(List::isEmpty).isPresent()) {
            fields.missing(first.isEmpty() ? "message" : "message.text");
        }
        Content content = new Content(body.orElse(""), List.of(), List.of());
        List<UUID> named = files.orElse(List.of());
        // Before the conversation is opened: nobody asked for one in which nothing is said.
        first.filter(_ -> body.isPresent() || !named.isEmpty())
                .ifPresent(message -> AttachmentText.noting(message, () -> {
                    if (fields.isFine()) {
                        sending.require(caller, Draft.of("", content, requestId, named));
                    } else {
                        uploads.require(caller, named, requestId);
                    }
                }));
        if (!fields.isFine()) {
            return Optional.empty();
        }
        ConversationId id = topics.open(
                caller, new Topic.About(subject.orElseThrow(), entity, custom.orElse("")), requestId);
        try {
            first.ifPresent(message -> AttachmentText.noting(
                    message, () -> sending.send(caller, Draft.of(id.toString(), content, requestId, named))));
        } catch (Refused refused) {
            if (!refused.failure().retryable()) {
                topics.delete(caller, id);
            }
            throw refused;
        }
        if (!fields.isFine()) {
            // Another message was faster.
            topics.delete(caller, id);
            return Optional.empty();
        }
        return Optional.of(id);
    }

    private Optional<ConversationId> change(Caller caller, ConversationId id, Fields fields) {
        Optional<String> subject = fields.text("subject", limits.metadataValueLength());
        Optional<String> entity = fields.text("attachedEntityId", limits.nameLength());
        Optional<String> custom = fields.json("customData", limits.metadataValueLength());
        Optional<String> resolution = fields.word("resolutionStatus", List.of("OPEN", "RESOLVED", "CLOSED"));
        Optional<String> read = fields.word("readStatus", List.of("READ", "UNREAD"));
        Optional<String> status = fields.word("status", List.of("ACTIVE", "DELETED", "INACTIVE", "ARCHIVED"));
        if (fields.object("message").isPresent()) {
            fields.fixed("message");
        }
        if (!fields.isFine()) {
            return Optional.empty();
        }
        topics.change(caller, id, new Topic.Change(subject, entity, custom, resolution.map(RESOLVED::contains)));
        read.ifPresent(wanted -> {
            if (wanted.equals("READ")) {
                topics.read(caller, id);
            } else {
                topics.unread(caller, id);
            }
        });
        if (status.filter(wanted -> !wanted.equals("ACTIVE")).isPresent()) {
            topics.delete(caller, id);
        }
        return Optional.of(id);
    }

    private JsonNode now(Caller caller, ConversationId id) {
        try {
            return conversations.of(topics.topic(caller, id));
        } catch (Refused refused) {
            if (refused.failure() != Failure.NOT_FOUND) {
                throw refused;
            }
            return ConversationText.gone(id);
        }
    }

    private Reply show(Call call) {
        return Envelope.success(conversations.of(topics.topic(call.caller(), conversation(call))));
    }

    private Reply delete(Call call) {
        ConversationId id = conversation(call);
        topics.delete(call.caller(), id);
        return Envelope.success(now(call.caller(), id));
    }

    /** Some conversations; a cursor is good for the same question only. */
    private Reply query(Call call) {
        Fields body = Fields.of(call.parameters().json());
        ConversationFilter filter = ConversationFilter.of(body);
        Paging paging = Paging.of(call, body, bookmarks, "conversations " + filter);
        if (!body.isFine()) {
            return Envelope.failure(400, body.problems());
        }
        TopicQuery.Page page = filter.isNothing() ? new TopicQuery.Page(List.of(), false)
                : topics.query(call.caller(), new TopicQuery(
                        filter.entities(), filter.without(), filter.resolved(), filter.unread(), filter.texts(),
                        filter.order(), filter.ascending(),
                        paging.place().map(ConversationRoutes::place).or(filter::beginning),
                        paging.backward(), paging.limit()));
        return paging.page(page.topics(), page.more(), conversations::of, topic -> place(topic, filter.order()));
    }

    private static String place(Topic topic, TopicQuery.Order order) {
        Instant at = order == TopicQuery.Order.CREATED ? topic.createdAt() : topic.changedAt();
        return at + " " + topic.id();
    }

    private static TopicQuery.Place place(String signed) {
        int blank = signed.indexOf(' ');
        return new TopicQuery.Place(
                Instant.parse(signed.substring(0, blank)),
                ConversationId.parse(signed.substring(blank + 1)).orElseThrow());
    }

    /** The messages of a conversation, the oldest first. */
    private Reply messages(Call call) {
        ConversationId id = conversation(call);
        Fields query = Paging.query(call);
        Paging paging = Paging.of(call, query, bookmarks, "messages " + id);
        if (!query.isFine()) {
            return Envelope.failure(400, query.problems());
        }
        TopicArchive.Messages page = topics.messages(
                call.caller(), id, new Position(paging.place().map(Long::parseLong).orElse(0L)), paging.backward(),
                paging.limit());
        Map<MessageId, List<Reaction>> added = reactions.of(
                call.caller(), page.messages().stream().map(Message::id).toList());
        return paging.page(
                page.messages(), page.more(), each -> text.of(each, added.getOrDefault(each.id(), List.of())),
                each -> Long.toString(each.position().value()));
    }

    private static ConversationId conversation(Call call) {
        return TightIds.parse(TightIds.CONVERSATION, call.path("id"))
                .map(ConversationId::new)
                .orElseThrow(Failure.NOT_FOUND::refused);
    }
}
