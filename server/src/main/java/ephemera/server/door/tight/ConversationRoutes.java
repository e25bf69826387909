package ephemera.server.door.tight;

import ephemera.core.Failure;
import ephemera.core.Refused;
import ephemera.core.directory.Caller;
import ephemera.core.talk.Content;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Draft;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Position;
import ephemera.core.talk.Priority;
import ephemera.core.talk.Reaction;
import ephemera.core.talk.Reactions;
import ephemera.core.talk.Sending;
import ephemera.core.talk.Topic;
import ephemera.core.talk.TopicArchive;
import ephemera.core.talk.TopicQuery;
import ephemera.core.talk.Topics;
import ephemera.server.door.tight.Envelope.Item;
import ephemera.server.door.tight.Envelope.Problem;
import ephemera.server.http.Access;
import ephemera.server.http.Call;
import ephemera.server.http.JsonText;
import ephemera.server.http.Reply;
import ephemera.server.http.Route;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Conversations: save, look at, delete, and their messages (contract B.4.4). */
final class ConversationRoutes {

    private static final int MOST = 250;
    private static final int USUAL = 100;
    private static final List<String> RESOLVED = List.of("RESOLVED", "CLOSED");

    private final Topics topics;
    private final Sending sending;
    private final Reactions reactions;
    private final Idempotent idempotent;
    private final Bookmarks bookmarks;
    private final MessageText text;
    private final ConversationText conversations;

    ConversationRoutes(
            Topics topics,
            Sending sending,
            Reactions reactions,
            Idempotent idempotent,
            Bookmarks bookmarks,
            MessageText text,
            ConversationText conversations) {
        this.topics = topics;
        this.sending = sending;
        this.reactions = reactions;
        this.idempotent = idempotent;
        this.bookmarks = bookmarks;
        this.text = text;
        this.conversations = conversations;
    }

    List<Route> routes() {
        return List.of(
                idempotent.writing("/v6/conversations", saving()),
                idempotent.reading("/v6/conversations/query", this::query),
                new Route("GET", "/v6/conversations/{id}", Access.TOKEN, this::show),
                new Route("DELETE", "/v6/conversations/{id}", Access.TOKEN, this::delete),
                new Route("GET", "/v6/conversations/{id}/messages", Access.TOKEN, this::messages));
    }

    private Idempotent.Operation saving() {
        return new Idempotent.Operation() {
            @Override
            public Idempotent.Outcome run(Idempotent.Attempt attempt) {
                return save(attempt);
            }

            @Override
            public Reply again(Call call, JsonNode kept) {
                List<Item> items = new ArrayList<>();
                kept.forEach(item -> items.add(
                        Kept.item(item, id -> now(call.caller(), new ConversationId(id)))));
                return Envelope.batch(items);
            }
        };
    }

    private Idempotent.Outcome save(Idempotent.Attempt attempt) {
        Call call = attempt.call();
        if (!(call.parameters().json().path("data") instanceof ArrayNode data)
                || data.isEmpty() || data.size() > MOST) {
            return Idempotent.Outcome.verbatim(Envelope.failure(400, List.of(Problem.of(
                    call.parameters().json().path("data").isMissingNode() ? Problem.Type.REQUIRED
                            : Problem.Type.INVALID_VALUE,
                    "data", "This must be a list of 1 to " + MOST + " conversations."))));
        }
        Item[] items = new Item[data.size()];
        UUID[] ids = new UUID[items.length];
        for (int i = 0; i < items.length; i++) {
            Fields fields = Fields.of(data.get(i));
            Optional<UUID> known = fields.id("id", TightIds.CONVERSATION);
            boolean update = known.isPresent() || fields.text("id").isPresent();
            try {
                Optional<ConversationId> saved = update
                        ? known.flatMap(id -> change(call.caller(), new ConversationId(id), fields))
                        : create(call.caller(), fields, attempt.requestId(i));
                ids[i] = saved.map(ConversationId::value).orElse(null);
                items[i] = saved.map(id -> Item.done(now(call.caller(), id)))
                        .orElseGet(() -> Item.failed(fields.status(), fields.problems()));
            } catch (Refused refused) {
                if (refused.failure().retryable()) {
                    throw refused;
                }
                items[i] = Item.failed(refused.failure().status(), List.of(Refusals.problem(refused)));
            }
        }
        List<Item> all = Arrays.asList(items);
        return new Idempotent.Outcome(Envelope.batch(all), Kept.of(all, ids));
    }

    private Optional<ConversationId> create(Caller caller, Fields fields, String requestId) {
        Optional<String> subject = fields.text("subject");
        Optional<String> entity = fields.text("attachedEntityId");
        Optional<String> custom = fields.json("customData");
        Optional<Fields> first = fields.object("message");
        Optional<String> body = first.flatMap(message -> message.text("text"));
        if (subject.isEmpty()) {
            fields.missing("subject");
        }
        if (body.isEmpty()) {
            fields.missing(first.isEmpty() ? "message" : "message.text");
        }
        if (!fields.isFine()) {
            return Optional.empty();
        }
        ConversationId id = topics.open(
                caller, new Topic.About(subject.orElseThrow(), entity, custom.orElse("")), requestId);
        sending.send(caller, new Draft(
                id.toString(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Priority.NORMAL,
                new Content(body.orElseThrow(), List.of(), List.of()), requestId, ""));
        return Optional.of(id);
    }

    private Optional<ConversationId> change(Caller caller, ConversationId id, Fields fields) {
        Optional<String> subject = fields.text("subject");
        Optional<String> entity = fields.text("attachedEntityId");
        Optional<String> custom = fields.json("customData");
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

    /** Some conversations; a cursor names a direction and a place, and is good for the same question only. */
    private Reply query(Call call) {
        Fields body = Fields.of(call.parameters().json());
        ConversationFilter filter = ConversationFilter.of(body);
        String list = "conversations " + call.caller().id() + " " + filter;
        Optional<String> shown = body.text("cursor");
        Optional<String> place = shown.flatMap(cursor -> bookmarks.place(list, cursor));
        Optional<Long> limit = body.number("limit");
        if (shown.isPresent() && place.isEmpty()) {
            body.wrong("cursor", "This is no cursor of this list.");
        }
        if (limit.filter(wanted -> wanted < 1 || wanted > MOST).isPresent()) {
            body.wrong("limit", "This must be 1 to " + MOST + ".");
        }
        if (!body.isFine()) {
            return Envelope.failure(400, body.problems());
        }
        if (filter.isNothing()) {
            return Envelope.page(JsonText.array(), Optional.empty());
        }
        boolean backward = place.filter(each -> each.startsWith("<")).isPresent();
        TopicQuery.Page page = topics.query(call.caller(), new TopicQuery(
                filter.entities(), filter.resolved(), filter.unread(), Optional.empty(), filter.texts(), filter.order(),
                filter.ascending(), place.map(ConversationRoutes::place), backward,
                limit.orElse((long) USUAL).intValue()));
        ArrayNode data = JsonText.array();
        page.topics().forEach(each -> data.add(conversations.of(each)));
        boolean before = backward ? page.more() : place.isPresent();
        boolean after = backward || page.more();
        if (page.topics().isEmpty() || (!before && !after)) {
            return Envelope.page(data, Optional.empty());
        }
        return Envelope.page(data, Optional.of(JsonText.object()
                .put("after", after
                        ? bookmarks.text(list, ">" + place(page.topics().getLast(), filter.order())) : null)
                .put("before", before
                        ? bookmarks.text(list, "<" + place(page.topics().getFirst(), filter.order())) : null)));
    }

    private static String place(Topic topic, TopicQuery.Order order) {
        Instant at = order == TopicQuery.Order.CREATED ? topic.createdAt() : topic.changedAt();
        return at + " " + topic.id();
    }

    private static TopicQuery.Place place(String signed) {
        int blank = signed.indexOf(' ');
        return new TopicQuery.Place(
                Instant.parse(signed.substring(1, blank)),
                ConversationId.parse(signed.substring(blank + 1)).orElseThrow());
    }

    /** The messages of a conversation, the oldest first; a cursor names a direction and a position. */
    private Reply messages(Call call) {
        ConversationId id = conversation(call);
        String list = "messages " + call.caller().id() + " " + id;
        Optional<String> shown = call.parameters().text("cursor").filter(each -> !each.isBlank());
        Optional<String> place = shown.flatMap(cursor -> bookmarks.place(list, cursor));
        Optional<Long> limit = call.parameters().number("limit");
        List<Problem> problems = new ArrayList<>();
        if (shown.isPresent() && place.isEmpty()) {
            problems.add(Problem.of(Problem.Type.INVALID_VALUE, "cursor", "This is no cursor of this list."));
        }
        if (limit.filter(wanted -> wanted < 1 || wanted > MOST).isPresent()) {
            problems.add(Problem.of(Problem.Type.INVALID_VALUE, "limit", "This must be 1 to " + MOST + "."));
        }
        if (!problems.isEmpty()) {
            return Envelope.failure(400, problems);
        }
        boolean backward = place.filter(each -> each.startsWith("<")).isPresent();
        Position from = new Position(place.map(each -> Long.parseLong(each.substring(1))).orElse(0L));
        TopicArchive.Messages page =
                topics.messages(call.caller(), id, from, backward, limit.orElse((long) USUAL).intValue());
        Map<MessageId, List<Reaction>> added = reactions.of(
                call.caller(), page.messages().stream().map(Message::id).toList());
        ArrayNode data = JsonText.array();
        page.messages().forEach(each -> data.add(text.of(each, added.getOrDefault(each.id(), List.of()))));
        boolean before = backward ? page.more() : place.isPresent();
        boolean after = backward || page.more();
        return Envelope.page(data, cursor(list, page.messages(), before, after));
    }

    private Optional<ObjectNode> cursor(String list, List<Message> page, boolean before, boolean after) {
        if (page.isEmpty() || (!before && !after)) {
            return Optional.empty();
        }
        return Optional.of(JsonText.object()
                .put("after", after ? bookmarks.text(list, ">" + page.getLast().position().value()) : null)
                .put("before", before ? bookmarks.text(list, "<" + page.getFirst().position().value()) : null));
    }

    private static ConversationId conversation(Call call) {
        return TightIds.parse(TightIds.CONVERSATION, call.path("id"))
                .map(ConversationId::new)
                .orElseThrow(Failure.NOT_FOUND::refused);
    }
}
