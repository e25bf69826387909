package ephemera.server.door.tight;

import ephemera.core.Failure;
import ephemera.core.Refused;
import ephemera.core.directory.Caller;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.Emoji;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Reactions;
import ephemera.server.door.tight.Envelope.Item;
import ephemera.server.door.tight.Envelope.Problem;
import ephemera.server.http.Access;
import ephemera.server.http.Call;
import ephemera.server.http.JsonText;
import ephemera.server.http.Reply;
import ephemera.server.http.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Reactions to messages: add and remove (contract B.4.3). */
final class ReactionRoutes {

    private static final String OF_MESSAGE = "/v6/messages/{id}/reactions";
    private static final String ONE = "/v6/messages/{id}/reactions/{emojiCode}";
    private static final String CODE = "emojiCode";

    private final Reactions reactions;
    private final Idempotent idempotent;
    private final Function<PersonId, ObjectNode> author;

    /**
     * Makes the routes.
     *
     * @param author how a person is written
     */
    ReactionRoutes(Reactions reactions, Idempotent idempotent, Function<PersonId, ObjectNode> author) {
        this.reactions = reactions;
        this.idempotent = idempotent;
        this.author = author;
    }

    List<Route> routes() {
        return List.of(
                idempotent.writing(OF_MESSAGE, operation(ReactionRoutes::inBody)),
                idempotent.writing(ONE, operation(call -> List.of(call.path(CODE)))),
                new Route("PUT", ONE, Access.TOKEN, this::put),
                new Route("DELETE", ONE, Access.TOKEN, this::remove));
    }

    /** Which codes a call names, each a text or what stands in its place; an array even if it is one. */
    private interface Named {

        List<?> codes(Call call);
    }

    /** An emoji, or what is wrong with it. */
    private sealed interface Read {

        record Known(Emoji emoji) implements Read {}

        record Wrong(Problem problem) implements Read {}
    }

    private Idempotent.Operation operation(Named named) {
        return new Idempotent.Operation() {
            @Override
            public Idempotent.Outcome run(Idempotent.Attempt attempt) {
                return add(attempt.call(), named);
            }

            @Override
            public Reply again(Call call, JsonNode kept) {
                return told(call, named, kept);
            }
        };
    }

    private Idempotent.Outcome add(Call call, Named named) {
        MessageId message = message(call);
        Optional<Reply> wrong =
                isBatch(call) ? Envelope.refusal(call.parameters().json().get("data")) : Optional.empty();
        if (wrong.isPresent()) {
            return Idempotent.Outcome.verbatim(wrong.get());
        }
        List<Item> items = new ArrayList<>();
        ArrayNode kept = JsonText.array();
        for (Object code : named.codes(call)) {
            Item item = item(call.caller(), message, read(code));
            items.add(item);
            kept.add(JsonText.object().put("status", item.status()).set("error", problems(item)));
        }
        ObjectNode outcome = JsonText.object().put("author", call.caller().id().toString());
        return new Idempotent.Outcome(reply(call, items), outcome.set("items", kept));
    }

    private Item item(Caller caller, MessageId message, Read read) {
        return switch (read) {
            case Read.Wrong(Problem problem) -> Item.failed(400, List.of(problem));
            case Read.Known(Emoji emoji) -> {
                try {
                    reactions.react(caller, message, emoji);
                    yield Item.done(ReactionText.single(message, author.apply(caller.id()), emoji, true));
                } catch (Refused refused) {
                    if (refused.failure().retryable()) {
                        throw refused;
                    }
                    yield Item.failed(refused.failure().status(), List.of(Refusals.problem(refused)));
                }
            }
        };
    }

    private static ArrayNode problems(Item item) {
        ArrayNode problems = JsonText.array();
        item.problems().forEach(problem -> problems.add(problem.json()));
        return problems;
    }

    /** The answer of before: the codes stand in the request, which is the same. */
    private Reply told(Call call, Named named, JsonNode kept) {
        MessageId message = message(call);
        ObjectNode person = author.apply(PersonId.parse(kept.get("author").asString()).orElseThrow());
        List<Item> items = new ArrayList<>();
        List<?> codes = named.codes(call);
        for (int i = 0; i < codes.size(); i++) {
            JsonNode item = kept.get("items").get(i);
            items.add(
                    read(codes.get(i)) instanceof Read.Known(Emoji emoji) && item.get("error").isEmpty()
                            ? Item.done(ReactionText.single(message, person, emoji, true))
                            : Item.failed(item.get("status").asInt(),
                                    item.get("error").valueStream().map(Problem::of).toList()));
        }
        return reply(call, items);
    }

    private static Reply reply(Call call, List<Item> items) {
        if (isBatch(call)) {
            return Envelope.batch(items);
        }
        Item item = items.getFirst();
        return item.problems().isEmpty()
                ? Envelope.success(item.data())
                : Envelope.failure(item.status(), item.problems());
    }

    /** The codes in a body: one, or one in each item of an array. */
    private static List<?> inBody(Call call) {
        ObjectNode json = call.parameters().json();
        return isBatch(call)
                ? json.get("data").valueStream().map(item -> item.path(CODE)).toList()
                : List.of(json.path(CODE));
    }

    private static boolean isBatch(Call call) {
        return !call.path().containsKey(CODE) && call.parameters().json().has("data");
    }

    private static Read read(Object code) {
        if (code instanceof JsonNode node) {
            if (node.isMissingNode() || node.isNull()) {
                return new Read.Wrong(Problem.of(Problem.Type.REQUIRED, CODE, "emojiCode is missing."));
            }
            if (!node.isString()) {
                return new Read.Wrong(Problem.of(Problem.Type.INVALID_FORMAT, CODE, "emojiCode must be a text."));
            }
            return read(node.asString());
        }
        return Emoji.ofCode((String) code)
                .<Read>map(Read.Known::new)
                .orElseGet(() -> new Read.Wrong(Problem.of(
                        Problem.Type.INVALID_VALUE,
                        CODE,
                        "emojiCode must be thumbs_up, thumbs_down, eyes, red_heart or hundred_points.")));
    }

    private Reply put(Call call) {
        call.caller().requireWrite();
        return add(call, each -> List.of(each.path(CODE))).reply();
    }

    private Reply remove(Call call) {
        Caller caller = call.caller();
        caller.requireWrite();
        MessageId message = message(call);
        return switch (read(call.path(CODE))) {
            case Read.Wrong(Problem problem) -> Envelope.failure(400, List.of(problem));
            case Read.Known(Emoji emoji) -> {
                reactions.unreact(caller, message, emoji);
                yield Envelope.success(ReactionText.single(message, author.apply(caller.id()), emoji, false));
            }
        };
    }

    private static MessageId message(Call call) {
        return TightIds.parse(TightIds.MESSAGE, call.path("id"))
                .map(MessageId::new)
                .orElseThrow(Failure.NOT_FOUND::refused);
    }
}
