package ephemera.server.door.tight;

import ephemera.server.door.tight.Envelope.Item;
import ephemera.server.door.tight.Envelope.Problem;
import ephemera.server.http.JsonText;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What is kept of the answer to a batch: which things came of it, and nothing of what they say. Stateless. */
final class Kept {

    private Kept() {}

    /**
     * What is kept of items.
     *
     * @param ids of what came of them, at the places of those that were done
     */
    static ArrayNode of(List<Item> items, @Nullable UUID[] ids) {
        ArrayNode kept = JsonText.array();
        for (int i = 0; i < items.size(); i++) {
            ObjectNode item = JsonText.object().put("status", items.get(i).status());
            UUID id = ids[i];
            if (id != null) {
                item.put("id", id.toString());
            }
            ArrayNode error = item.putArray("error");
            items.get(i).problems().forEach(problem -> error.add(problem.json()));
            kept.add(item);
        }
        return kept;
    }

    /** The item again, with what its thing is now. */
    static Item item(JsonNode kept, Function<UUID, JsonNode> now) {
        return kept.has("id")
                ? Item.done(now.apply(UUID.fromString(kept.get("id").asString())))
                : Item.failed(kept.get("status").asInt(), kept.get("error").valueStream().map(Problem::of).toList());
    }

}
