package ephemera.server.door.tigerconnect;

import ephemera.server.http.JsonText;
import ephemera.server.http.Reply;
import tools.jackson.databind.JsonNode;

/** The envelope of answers (section 2.2). */
final class Answers {

    private Answers() {}

    /** A success that says something. */
    static Reply ok(JsonNode reply) {
        return Reply.json(200, JsonText.object().put("status", "success").set("reply", reply));
    }

    /** A success that says nothing. */
    static Reply done() {
        return Reply.empty(204);
    }
}
