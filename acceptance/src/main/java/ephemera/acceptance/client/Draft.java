package ephemera.acceptance.client;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A message as it is handed to {@link Tiger#send}.
 *
 * @param recipient token of a person, group or list, or an address
 * @param body the text
 * @param ttl the lifespan in minutes, as it is sent: −1 is what JS clients send when they know no default
 * @param deleteOnRead the field {@code dor}
 * @param priority 0 is normal, 1 is high
 * @param data the items of the field {@code data}
 * @param attachment the file; with one, the message is sent as multipart
 * @param requestId the header {@code Request-ID}, under which a repeat is recognised
 */
public record Draft(String recipient, String body, OptionalInt ttl, Optional<Boolean> deleteOnRead, int priority,
        List<Data> data, Optional<Attachment> attachment, String requestId) {

    /**
     * One item of a message's data.
     *
     * @param mimetype usually {@code application/json}
     * @param namespace whose data it is
     * @param payload the data as text
     */
    public record Data(String mimetype, String namespace, String payload) {
    }

    /**
     * A file that goes with a message.
     *
     * @param name the file name
     * @param contentType the file's type
     * @param bytes the content
     */
    public record Attachment(String name, String contentType, byte[] bytes) {
    }

    /** Makes a draft with nothing but a recipient, a body and a fresh request id. */
    public static Draft to(String recipient, String body) {
        return new Draft(recipient, body, OptionalInt.empty(), Optional.empty(), 0, List.of(), Optional.empty(),
                UUID.randomUUID().toString());
    }

    /** Gives the draft with a lifespan in minutes. */
    public Draft withTtl(int minutes) {
        return new Draft(recipient, body, OptionalInt.of(minutes), deleteOnRead, priority, data, attachment, requestId);
    }

    /** Gives the draft with delete-on-read switched on or off. */
    public Draft withDeleteOnRead(boolean on) {
        return new Draft(recipient, body, ttl, Optional.of(on), priority, data, attachment, requestId);
    }

    /** Gives the draft with a priority. */
    public Draft withPriority(int level) {
        return new Draft(recipient, body, ttl, deleteOnRead, level, data, attachment, requestId);
    }

    /** Gives the draft with one more item of data. */
    public Draft withData(String namespace, String json) {
        Data item = new Data("application/json", namespace, json);
        return new Draft(recipient, body, ttl, deleteOnRead, priority,
                Stream.concat(data.stream(), Stream.of(item)).toList(), attachment, requestId);
    }

    /** Gives the draft with a file. */
    public Draft withAttachment(String name, String contentType, byte[] bytes) {
        return new Draft(recipient, body, ttl, deleteOnRead, priority, data,
                Optional.of(new Attachment(name, contentType, bytes)), requestId);
    }

    /** Gives the draft under another request id. */
    public Draft withRequestId(String id) {
        return new Draft(recipient, body, ttl, deleteOnRead, priority, data, attachment, id);
    }

    /** Gives the JSON body that JS 13 sends; organizations only when one is named. */
    Map<String, Object> json(Optional<String> organization) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("body", body);
        json.put("recipient", recipient);
        organization.ifPresent(token -> {
            json.put("sender_organization", token);
            json.put("recipient_organization", token);
        });
        if (!data.isEmpty()) {
            json.put("data", data);
        }
        deleteOnRead.ifPresent(on -> json.put("dor", on));
        json.put("priority", priority);
        ttl.ifPresent(minutes -> json.put("ttl", minutes));
        return json;
    }

    /** Gives the multipart body that JS 13 sends when there is a file. */
    Multipart multipart(Optional<String> organization) {
        Multipart multipart = new Multipart();
        json(organization).forEach((name, value) -> {
            if (!name.equals("data")) {
                multipart.text(name, String.valueOf(value));
            }
        });
        for (Data item : data) {
            multipart.data(item.mimetype(), item.namespace(), item.payload());
        }
        multipart.text("metadata", "");
        attachment.ifPresent(file -> multipart.file("attachment", file.name(), file.contentType(), file.bytes()));
        return multipart;
    }
}
