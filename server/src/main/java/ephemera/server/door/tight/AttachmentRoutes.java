package ephemera.server.door.tight;

import ephemera.core.Failure;
import ephemera.core.talk.Attachment;
import ephemera.core.talk.Message;
import ephemera.core.talk.Reading;
import ephemera.core.talk.Upload;
import ephemera.core.talk.Uploads;
import ephemera.server.http.Access;
import ephemera.server.http.Call;
import ephemera.server.http.JsonText;
import ephemera.server.http.Parameters;
import ephemera.server.http.Reply;
import ephemera.server.http.Route;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Attachments and files: upload, look at, download, delete (contract B.4.5).
 *
 * <p>Both are the same thing under two prefixes: a file also tells what its uploader said of it, as long as it waits
 * for its message. Thread-safe.
 */
final class AttachmentRoutes {

    private static final String ACTIVE = "ACTIVE";
    private static final String DELETED = "DELETED";
    private static final List<String> DETAILS = List.of("description", "notes", "date", "amount");
    private static final int MOST_FIELDS = 50;
    private static final int LONGEST_FIELDS = 2_000;

    private final Uploads uploads;
    private final AttachmentText text;
    private final Map<AttachmentText.Kind, byte[]> icons = new EnumMap<>(AttachmentText.Kind.class);

    AttachmentRoutes(Uploads uploads, AttachmentText text) {
        this.uploads = uploads;
        this.text = text;
        for (AttachmentText.Kind kind : AttachmentText.Kind.values()) {
            icons.put(kind, icon(kind));
        }
    }

    private static byte[] icon(AttachmentText.Kind kind) {
        try (InputStream in = AttachmentRoutes.class.getResourceAsStream("/icons/" + kind.file())) {
            return Objects.requireNonNull(in, "every kind has its picture").readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Route> routes() {
        return List.of(
                new Route("POST", "/v6/attachments/upload", Access.TOKEN, this::uploadAttachment),
                new Route("GET", "/v6/attachments/{id}", Access.TOKEN, this::attachment),
                new Route("GET", "/v6/attachments/{id}/content", Access.TOKEN, this::content),
                new Route("DELETE", "/v6/attachments/{id}", Access.TOKEN, this::deleteAttachment),
                new Route("POST", "/v6/files/upload", Access.TOKEN, call -> uploadFile(call, Optional.empty())),
                new Route("POST", "/v6/files/upload/{attached}", Access.TOKEN,
                        call -> uploadFile(call, Optional.of(call.path("attached")))),
                new Route("GET", "/v6/files/{id}", Access.TOKEN, this::file),
                new Route("DELETE", "/v6/files/{id}", Access.TOKEN, this::deleteFile),
                new Route("GET", "/v6/icons/{icon}", Access.PUBLIC, this::icon));
    }

    private static UUID id(Call call, String prefix) {
        return TightIds.parse(prefix, call.path("id")).orElseThrow(Failure.NOT_FOUND::refused);
    }

    private Reply uploadAttachment(Call call) {
        return Envelope.success(text.of(stored(call, "")).put("status", ACTIVE));
    }

    private Upload stored(Call call, String details) {
        call.caller().requireWrite();
        Attachment file = call.parameters().file().orElseThrow(() -> Parameters.missing("file"));
        return uploads.upload(call.caller(), file, details);
    }

    private Reply attachment(Call call) {
        ObjectNode found = switch (uploads.find(call.caller(), id(call, TightIds.ATTACHMENT))) {
            case Uploads.Found.Waiting(Upload upload) -> text.of(upload);
            case Uploads.Found.Taken(Message message, Attachment attachment) -> text.of(attachment, message);
        };
        return Envelope.success(found.put("status", ACTIVE));
    }

    private Reply content(Call call) {
        Reading.Opened opened = uploads.open(call.caller(), id(call, TightIds.ATTACHMENT));
        // RFC 6266: the name in UTF-8, percent-encoded, so that no byte of it can break the header.
        String name = URLEncoder.encode(opened.attachment().name(), StandardCharsets.UTF_8).replace("+", "%20");
        return new Reply(
                200,
                List.of(
                        new Reply.Header("Content-Disposition", "attachment; filename*=UTF-8''" + name),
                        new Reply.Header("X-Content-Type-Options", "nosniff"),
                        new Reply.Header("Cache-Control", "no-store")),
                new Reply.Body.File(
                        opened.attachment().type(), opened.content(), opened.attachment().size()));
    }

    private Reply deleteAttachment(Call call) {
        call.caller().requireWrite();
        Upload gone = uploads.delete(call.caller(), id(call, TightIds.ATTACHMENT));
        return Envelope.success(text.of(gone).put("status", DELETED));
    }

    private Reply uploadFile(Call call, Optional<String> entity) {
        JsonNode data = call.parameters().parts("data").stream()
                .findFirst()
                .map(part -> JsonText.read(part.text()))
                .orElseGet(JsonText::object);
        ObjectNode details = details(data);
        entity.ifPresent(id -> details.put("entityId", id));
        return Envelope.success(json(stored(call, details.isEmpty() ? "" : JsonText.text(details)), ACTIVE));
    }

    /** What may be said of a file; anything else is left out. */
    private static ObjectNode details(JsonNode data) {
        if (!data.isObject()) {
            throw Failure.INVALID.refused("data must be a JSON object.");
        }
        ObjectNode details = JsonText.object();
        for (String name : DETAILS) {
            JsonNode value = data.path(name);
            if (value.isString()) {
                details.put(name, JsonText.wellFormed(value.asString()));
            } else if (value.isNumber() && name.equals("amount")) {
                details.set(name, value);
            } else if (!value.isMissingNode() && !value.isNull()) {
                throw Failure.INVALID.refused("data." + name + " has a wrong type.");
            }
        }
        JsonNode entity = data.path("entityId");
        if (entity.isString()) {
            details.put("entityId", JsonText.wellFormed(entity.asString()));
        } else if (!entity.isMissingNode() && !entity.isNull()) {
            throw Failure.INVALID.refused("data.entityId must be a text.");
        }
        JsonNode custom = data.path("customData");
        if (custom.isObject() && custom.size() <= MOST_FIELDS && JsonText.text(custom).length() <= LONGEST_FIELDS) {
            details.set("customData", custom);
        } else if (!custom.isMissingNode() && !custom.isNull()) {
            throw Failure.INVALID.refused("data.customData must be an object of at most " + MOST_FIELDS
                    + " fields and " + LONGEST_FIELDS + " characters.");
        }
        return details;
    }

    private Reply file(Call call) {
        return Envelope.success(switch (uploads.find(call.caller(), id(call, TightIds.FILE))) {
            case Uploads.Found.Waiting(Upload upload) -> json(upload, ACTIVE);
            case Uploads.Found.Taken(Message message, Attachment attachment) ->
                    file(text.of(attachment, message), attachment.blob(), JsonText.object(), ACTIVE);
        });
    }

    private Reply deleteFile(Call call) {
        call.caller().requireWrite();
        return Envelope.success(json(uploads.delete(call.caller(), id(call, TightIds.FILE)), DELETED));
    }

    private ObjectNode json(Upload upload, String status) {
        JsonNode details = upload.details().isEmpty() ? JsonText.object() : JsonText.read(upload.details());
        return file(text.of(upload), upload.attachment().blob(), details, status);
    }

    private static ObjectNode file(ObjectNode attachment, UUID id, JsonNode details, String status) {
        ObjectNode file = JsonText.object().put("id", TightIds.text(TightIds.FILE, id));
        JsonNode entity = details.path("entityId");
        if (entity.isString()) {
            file.putObject("entity").put("id", entity.asString());
        } else {
            file.putNull("entity");
        }
        for (String name : DETAILS) {
            JsonNode value = details.path(name);
            if (value.isMissingNode()) {
                file.putNull(name);
            } else {
                file.set(name, value);
            }
        }
        file.set("url", attachment.path("url"));
        for (String name : List.of("fileName", "fileSize", "createdDateTime", "iconUrl")) {
            file.set(name, attachment.path(name));
        }
        JsonNode custom = details.path("customData");
        file.set("customData", custom.isObject() ? custom : JsonText.object());
        return file.put("status", status);
    }

    private Reply icon(Call call) {
        AttachmentText.Kind kind = Arrays.stream(AttachmentText.Kind.values())
                .filter(each -> each.file().equals(call.path("icon")))
                .findFirst()
                .orElseThrow(Failure.NOT_FOUND::refused);
        byte[] picture = Objects.requireNonNull(icons.get(kind), "every kind has its picture");
        return new Reply(
                200,
                List.of(
                        new Reply.Header("Cache-Control", "public, max-age=86400"),
                        new Reply.Header("X-Content-Type-Options", "nosniff"),
                        new Reply.Header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")),
                new Reply.Body.Bytes("image/svg+xml", picture));
    }
}
