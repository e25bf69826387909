package ephemera.server.store;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.AuditTrail;
import ephemera.core.talk.Datum;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Origin;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The small structures that are stored as JSON: metadata, message data, the origin of a forward. Thread-safe. */
public final class Json {

    private final JsonMapper mapper = JsonMapper.shared();

    /** A flat object of texts. */
    String writeTexts(Map<String, String> texts) {
        return mapper.writeValueAsString(texts);
    }

    /** The texts of a flat object. */
    Map<String, String> readTexts(String json) {
        Map<String, String> texts = new TreeMap<>();
        mapper.readTree(json).properties().forEach(field -> texts.put(field.getKey(), field.getValue().asString()));
        return texts;
    }

    /** The data items of a message; empty bytes for none. */
    byte[] writeData(List<Datum> data) {
        return data.isEmpty() ? new byte[0] : mapper.writeValueAsBytes(data(data));
    }

    /** The data items in those bytes. */
    List<Datum> readData(byte[] bytes) {
        return bytes.length == 0 ? List.of() : data(mapper.readTree(bytes));
    }

    /** Where a forwarded message comes from. */
    byte[] writeOrigin(Origin origin) {
        return mapper.writeValueAsBytes(origin(origin));
    }

    /** Where a forwarded message comes from, as an object. */
    ObjectNode origin(Origin origin) {
        ObjectNode node = mapper.createObjectNode()
                .put("message", origin.message().toString())
                .put("sender", origin.sender().toString())
                .put("senderName", origin.senderName())
                .put("sentAt", origin.sentAt().toString());
        node.set("data", data(origin.data()));
        return node;
    }

    /** The origin in those bytes. */
    Origin readOrigin(byte[] bytes) {
        JsonNode node = mapper.readTree(bytes);
        return new Origin(
                new MessageId(UUID.fromString(node.get("message").asString())),
                new PersonId(UUID.fromString(node.get("sender").asString())),
                node.get("senderName").asString(),
                Instant.parse(node.get("sentAt").asString()),
                data(node.get("data")));
    }

    /** The fields of an entry of the audit trail. */
    String writeRevisions(List<AuditTrail.Revision> revisions) {
        ArrayNode fields = mapper.createArrayNode();
        for (AuditTrail.Revision revision : revisions) {
            ObjectNode field = fields.addObject().put("field", revision.field());
            if (revision instanceof AuditTrail.Revision.Shown(_, String before, String after)) {
                field.put("before", before).put("after", after);
            }
            if (revision instanceof AuditTrail.Revision.Measured(_, long bytes)) {
                field.put("bytes", bytes);
            }
        }
        return fields.toString();
    }

    /** The fields in that text. */
    List<AuditTrail.Revision> readRevisions(String json) {
        List<AuditTrail.Revision> revisions = new ArrayList<>();
        for (JsonNode field : mapper.readTree(json)) {
            String name = field.get("field").asString();
            if (field.has("bytes")) {
                revisions.add(new AuditTrail.Revision.Measured(name, field.get("bytes").asLong()));
            } else if (field.has("after")) {
                revisions.add(new AuditTrail.Revision.Shown(
                        name, field.get("before").asString(), field.get("after").asString()));
            } else {
                revisions.add(new AuditTrail.Revision.Hidden(name));
            }
        }
        return List.copyOf(revisions);
    }

    /** A new, empty object. */
    ObjectNode object() {
        return mapper.createObjectNode();
    }

    /** A new, empty array. */
    ArrayNode array() {
        return mapper.createArrayNode();
    }

    /** The object in that text. */
    JsonNode read(String json) {
        return mapper.readTree(json);
    }

    /** The data items of a message, as objects. */
    ArrayNode data(List<Datum> data) {
        ArrayNode items = mapper.createArrayNode();
        for (Datum datum : data) {
            items.addObject()
                    .put("mimetype", datum.mimetype())
                    .put("namespace", datum.namespace())
                    .put("payload", datum.payload());
        }
        return items;
    }

    private static List<Datum> data(JsonNode items) {
        List<Datum> data = new ArrayList<>(items.size());
        for (JsonNode item : items) {
            data.add(new Datum(
                    item.get("mimetype").asString(),
                    item.get("namespace").asString(),
                    item.get("payload").asString()));
        }
        return data;
    }
}
