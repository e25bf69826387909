package ephemera.server.door.tigerconnect;

import ephemera.core.Refused;
import ephemera.core.talk.Datum;
import ephemera.server.http.JsonText;
import ephemera.server.http.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The data items of a message as clients send them: a JSON array, the same as text in a form, or one part for each in a
 * multipart body with its type and namespace as part headers (section 2.7).
 */
final class DataItems {

    private static final String JSON = "application/json";

    private DataItems() {}

    /**
     * The items of a request.
     *
     * @throws Refused with {@code INVALID} if a JSON body has items of another shape; parts and form values that cannot
     *     be read are passed over, since an old client sends its objects as the text {@code [object Object]}
     */
    static List<Datum> read(Parameters parameters) {
        List<Parameters.Part> parts = parameters.parts("data");
        if (!parts.isEmpty()) {
            return parts.stream().flatMap(part -> fromPart(part).stream()).toList();
        }
        JsonNode node = parameters.json().path("data");
        if (node.isArray()) {
            return items(node);
        }
        if (node.isMissingNode() || node.isNull() || node.isString()) {
            return parameters.text("data").map(DataItems::fromText).orElse(List.of());
        }
        throw Parameters.wrong("data", "a list of data items");
    }

    private static Optional<Datum> fromPart(Parameters.Part part) {
        try {
            JsonNode payload = JsonText.read(part.text());
            if (payload.isMissingNode()) {
                return Optional.empty();
            }
            if (payload.isArray() && !part.headers().containsKey("tt-x-namespace")) {
                return items(payload).stream().findFirst();
            }
        } catch (Refused _) {
            return Optional.empty();
        }
        return Optional.of(new Datum(
                JsonText.wellFormed(part.headers().getOrDefault("content-type", JSON)),
                JsonText.wellFormed(part.headers().getOrDefault("tt-x-namespace", "")),
                JsonText.wellFormed(part.text())));
    }

    private static List<Datum> fromText(String text) {
        if (text.isBlank()) {
            return List.of();
        }
        try {
            JsonNode items = JsonText.read(text);
            return items.isArray() ? items(items) : List.of();
        } catch (Refused _) {
            return List.of();
        }
    }

    private static List<Datum> items(JsonNode array) {
        List<Datum> items = new ArrayList<>();
        for (JsonNode item : array) {
            if (!item.isObject()) {
                throw Parameters.wrong("data", "a list of objects with mimetype, namespace and payload");
            }
            items.add(new Datum(text(item, "mimetype", JSON), text(item, "namespace", ""),
                    payload(item.path("payload"))));
        }
        return items;
    }

    private static String text(JsonNode item, String name, String otherwise) {
        JsonNode node = item.path(name);
        if (node.isMissingNode() || node.isNull()) {
            return otherwise;
        }
        if (!node.isString()) {
            throw Parameters.wrong("data." + name, "a text");
        }
        return JsonText.wellFormed(node.asString());
    }

    /** The payload is a text that mostly holds JSON; JSON itself is accepted and written as text. */
    private static String payload(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return "";
        }
        return JsonText.wellFormed(node.isString() ? node.asString() : JsonText.text(node));
    }
}
