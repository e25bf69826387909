package ephemera.server.door.tight;

import ephemera.core.directory.Caller;
import ephemera.server.door.tight.Envelope.Item;
import ephemera.server.door.tight.Envelope.Problem;
import ephemera.server.http.Call;
import ephemera.server.http.JsonText;
import ephemera.server.http.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The saving of several things, each for itself, all answered in their order (contract B.2).
 *
 * <p>What is kept to answer the same again are the ids of what came of the items and what was wrong with them, and
 * nothing of what they say: the answer is written anew from what is there now. Thread-safe if the saving is.
 */
final class Batch implements Idempotent.Operation {

    private final Saving saving;
    private final BiFunction<Caller, UUID, JsonNode> now;
    private final boolean mayBeOne;

    /**
     * What came of an item.
     *
     * @param id of what was saved; empty if nothing was
     */
    record Saved(Item item, Optional<UUID> id) {

        /** Something was saved, and is now this. */
        static Saved done(UUID id, JsonNode now) {
            return new Saved(Item.done(now), Optional.of(id));
        }

        /** Nothing was saved. */
        static Saved failed(int status, List<Problem> problems) {
            return new Saved(Item.failed(status, problems), Optional.empty());
        }
    }

    /** How items are saved. */
    interface Saving {

        /** Saves items and tells what came of each, in their order. */
        List<Saved> save(Idempotent.Attempt attempt, List<JsonNode> items);
    }

    private Batch(Saving saving, BiFunction<Caller, UUID, JsonNode> now, boolean mayBeOne) {
        this.saving = saving;
        this.now = now;
        this.mayBeOne = mayBeOne;
    }

    /**
     * A batch of the items in {@code data}.
     *
     * @param now what a thing that was saved is now
     */
    static Batch of(Saving saving, BiFunction<Caller, UUID, JsonNode> now) {
        return new Batch(saving, now, false);
    }

    /** The same, or without {@code data} a single thing, whose fields are those of the body (contract B.4.6). */
    static Batch orOne(Saving saving, BiFunction<Caller, UUID, JsonNode> now) {
        return new Batch(saving, now, true);
    }

    @Override
    public Idempotent.Outcome run(Idempotent.Attempt attempt) {
        ObjectNode body = attempt.call().parameters().json();
        Optional<Reply> wrong = isOne(attempt.call()) ? Optional.empty() : Envelope.refusal(body.path("data"));
        if (wrong.isPresent()) {
            return Idempotent.Outcome.verbatim(wrong.get());
        }
        List<Saved> saved = saving.save(
                attempt, isOne(attempt.call()) ? List.of(body) : body.path("data").valueStream().toList());
        return new Idempotent.Outcome(
                reply(attempt.call(), saved.stream().map(Saved::item).toList()), kept(saved));
    }

    @Override
    public Reply again(Call call, JsonNode kept) {
        List<Item> items = new ArrayList<>();
        kept.forEach(item -> items.add(item.has("id")
                ? Item.done(now.apply(call.caller(), UUID.fromString(item.get("id").asString())))
                : Item.failed(item.get("status").asInt(), item.get("error").valueStream().map(Problem::of).toList())));
        return reply(call, items);
    }

    private boolean isOne(Call call) {
        return mayBeOne && !call.parameters().json().has("data");
    }

    private static ArrayNode kept(List<Saved> saved) {
        ArrayNode kept = JsonText.array();
        for (Saved each : saved) {
            ObjectNode item = kept.addObject().put("status", each.item().status());
            each.id().ifPresent(id -> item.put("id", id.toString()));
            ArrayNode error = item.putArray("error");
            each.item().problems().forEach(problem -> error.add(problem.json()));
        }
        return kept;
    }

    private Reply reply(Call call, List<Item> items) {
        if (!isOne(call)) {
            return Envelope.batch(items);
        }
        Item item = items.getFirst();
        return item.problems().isEmpty()
                ? Envelope.success(item.data())
                : Envelope.failure(item.status(), item.problems());
    }
}
