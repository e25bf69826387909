package ephemera.server.door.tight;

import ephemera.server.http.JsonText;
import ephemera.server.http.Reply;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/** What every answer of this door is wrapped in (contract B.2). Stateless. */
final class Envelope {

    private static final String SUCCESS = "SUCCESS";
    private static final String FAILURE = "FAILURE";

    private Envelope() {}

    /**
     * One thing that is wrong with a request or with an item of it.
     *
     * @param message for people
     * @param param the field that it is about
     */
    record Problem(Type type, String message, Optional<String> param) {

        /** The kinds of problems, all that there are. */
        enum Type {
            UNKNOWN_ERROR,
            EXPIRED_TOKEN,
            INVALID_TOKEN,
            BAD_REQUEST,
            JSON_ERROR,
            DUPLICATE,
            REQUIRED,
            INVALID_VALUE,
            NOT_MODIFIABLE,
            INVALID_FORMAT
        }

        /** A problem with a field. */
        static Problem of(Type type, String param, String message) {
            return new Problem(type, message, Optional.of(param));
        }

        /** A problem with the whole. */
        static Problem of(Type type, String message) {
            return new Problem(type, message, Optional.empty());
        }

        /** The problem that was written as {@link #json}. */
        static Problem of(JsonNode json) {
            return new Problem(
                    Type.valueOf(json.get("type").asString()),
                    json.get("message").asString(),
                    Optional.ofNullable(json.get("param")).map(JsonNode::asString));
        }

        ObjectNode json() {
            ObjectNode json = JsonText.object().put("type", type.name()).put("message", message);
            param.ifPresent(name -> json.put("param", name));
            return json;
        }
    }

    /**
     * What came of an item of a batch.
     *
     * @param status 200, or the status that the item alone would have been answered with
     * @param data what it is now; {@code null} in JSON if the item failed
     * @param problems all that is wrong with it
     */
    record Item(int status, JsonNode data, List<Problem> problems) {

        /** An item that was done. */
        static Item done(JsonNode data) {
            return new Item(200, data, List.of());
        }

        /** An item of which nothing was done. */
        static Item failed(int status, List<Problem> problems) {
            return new Item(status, NullNode.getInstance(), problems);
        }

        private boolean isDone() {
            return problems.isEmpty();
        }

        private ObjectNode json() {
            return wrapped(isDone(), problems).put("statusCode", status).set("data", data);
        }
    }

    /** The answer to a call that succeeded. */
    static Reply success(JsonNode data) {
        return Reply.json(200, wrapped(true, List.of()).set("data", data));
    }

    /** A page of a list; the cursor is told only if there is more in either direction. */
    static Reply page(ArrayNode data, Optional<ObjectNode> cursor) {
        ObjectNode page = wrapped(true, List.of()).set("data", data);
        cursor.ifPresent(each -> page.set("cursor", each));
        return Reply.json(200, page);
    }

    /** The answer to a batch: 200 if all items were done, 400 if none, 207 if some. */
    static Reply batch(List<Item> items) {
        boolean all = items.stream().allMatch(Item::isDone);
        boolean none = items.stream().noneMatch(Item::isDone);
        ArrayNode data = JsonText.array();
        items.forEach(item -> data.add(item.json()));
        return Reply.json(all ? 200 : none ? 400 : 207, wrapped(!none, List.of()).set("data", data));
    }

    /** The answer to a call whose {@code data} is no list of items to save; empty if it is one. */
    static Optional<Reply> refusal(JsonNode data) {
        if (data.isArray() && !data.isEmpty() && data.size() <= Paging.MOST) {
            return Optional.empty();
        }
        Problem.Type type = data.isMissingNode() || data.isNull() ? Problem.Type.REQUIRED : Problem.Type.INVALID_VALUE;
        return Optional.of(failure(
                400, List.of(Problem.of(type, "data", "This must be a list of 1 to " + Paging.MOST + " items."))));
    }

    /** The answer to a call of which nothing was done. */
    static Reply failure(int status, List<Problem> problems) {
        return Reply.json(status, wrapped(false, problems).set("data", NullNode.getInstance()));
    }

    private static ObjectNode wrapped(boolean success, List<Problem> problems) {
        ObjectNode json = JsonText.object().put("result", success ? SUCCESS : FAILURE);
        ArrayNode error = json.putArray("error");
        problems.forEach(problem -> error.add(problem.json()));
        return json;
    }
}
