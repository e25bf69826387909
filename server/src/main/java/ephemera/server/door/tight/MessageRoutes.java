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
import ephemera.core.talk.Reactions;
import ephemera.core.talk.Reading;
import ephemera.core.talk.Sending;
import ephemera.core.talk.Topics;
import ephemera.core.talk.Uploads;
import ephemera.server.http.Access;
import ephemera.server.http.Call;
import ephemera.server.http.Reply;
import ephemera.server.http.Route;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** Messages: save several, look at one, delete one (contract B.4.1, B.4.2). */
final class MessageRoutes {

    private final Sending sending;
    private final Reading reading;
    private final Uploads uploads;
    private final Topics topics;
    private final Reactions reactions;
    private final Idempotent idempotent;
    private final MessageText text;
    private final Limits limits;

    MessageRoutes(
            Sending sending,
            Reading reading,
            Uploads uploads,
            Topics topics,
            Reactions reactions,
            Idempotent idempotent,
            MessageText text,
            Limits limits) {
        this.sending = sending;
        this.reading = reading;
        this.uploads = uploads;
        this.topics = topics;
        this.reactions = reactions;
        this.idempotent = idempotent;
        this.text = text;
        this.limits = limits;
    }

    List<Route> routes() {
        return List.of(
                idempotent.writing(
                        "/v6/messages", Batch.of(this::save, (caller, id) -> now(caller, new MessageId(id)))),
                new Route("GET", "/v6/messages/{id}", Access.TOKEN, this::show),
                new Route("DELETE", "/v6/messages/{id}", Access.TOKEN, this::delete));
    }

    private List<Batch.Saved> save(Idempotent.Attempt attempt, List<JsonNode> data) {
        Batch.Saved[] items = new Batch.Saved[data.size()];
        List<Draft> drafts = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < items.length; i++) {
            Fields fields = Fields.of(data.get(i));
            Optional<Draft> draft = draft(attempt.call().caller(), fields, attempt.requestId(i));
            if (draft.isPresent() && fields.isFine()) {
                drafts.add(draft.get());
                places.add(i);
            } else {
                items[i] = Batch.Saved.failed(fields.status(), fields.problems());
            }
        }
        List<Sending.Outcome> outcomes = sending.sendAll(attempt.call().caller(), drafts);
        for (int i = 0; i < outcomes.size(); i++) {
            items[places.get(i)] = switch (outcomes.get(i)) {
                case Sending.Outcome.Sent(Message message) ->
                        Batch.Saved.done(message.id().value(), text.of(message, List.of()));
                case Sending.Outcome.NotSent(Refused refused) ->
                        Batch.Saved.failed(refused.failure().status(), List.of(Refusals.problem(refused)));
            };
        }
        return Arrays.asList(items);
    }

    /** What an item asks to be sent; what is wrong with it is noted in its fields. */
    private Optional<Draft> draft(Caller caller, Fields fields, String requestId) {
        Optional<ConversationId> conversation =
                fields.id("conversationId", TightIds.CONVERSATION).map(ConversationId::new);
        Optional<String> body = fields.body("text", limits);
        if (conversation.isEmpty() && fields.text("conversationId").isEmpty()) {
            fields.missing("conversationId");
        }
        Optional<List<UUID>> files = AttachmentText.ids(fields);
        if (body.isEmpty() && files.filter(List::isEmpty).isPresent()) {
            fields.missing("text");
        }
        if (conversation.isPresent()) {
            try {
                topics.join(caller, conversation.get());
            } catch (Refused refused) {
                if (refused.failure() != Failure.NOT_FOUND) {
                    throw refused;
                }
                fields.unknown("conversationId");
            }
        }
        if (!fields.isFine()) {
            // It will not be sent, and so nothing else tells what is wrong with its files.
            files.ifPresent(named -> AttachmentText.noting(fields, () -> uploads.require(caller, named, requestId)));
        }
        return conversation.map(id -> Draft.of(
                id.toString(), new Content(body.orElse(""), List.of(), List.of()), requestId,
                files.orElse(List.of())));
    }

    private JsonNode now(Caller caller, MessageId id) {
        try {
            return written(caller, reading.look(caller, id));
        } catch (Refused refused) {
            if (refused.failure().retryable()) {
                throw refused;
            }
            return MessageText.gone(id);
        }
    }

    private JsonNode written(Caller caller, Message message) {
        return text.of(message, reactions.of(caller, List.of(message.id())).getOrDefault(message.id(), List.of()));
    }

    private Reply show(Call call) {
        return Envelope.success(written(call.caller(), reading.message(call.caller(), message(call))));
    }

    private Reply delete(Call call) {
        call.caller().requireWrite();
        MessageId id = message(call);
        reading.recall(call.caller(), id);
        return Envelope.success(MessageText.gone(id));
    }

    private static MessageId message(Call call) {
        return TightIds.parse(TightIds.MESSAGE, call.path("id"))
                .map(MessageId::new)
                .orElseThrow(Failure.NOT_FOUND::refused);
    }
}
