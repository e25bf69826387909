package ephemera.server.door.tight;

import ephemera.core.Failure;
import ephemera.core.directory.Caller;
import ephemera.core.talk.Attachment;
import ephemera.core.talk.Message;
import ephemera.core.talk.Reading;
import ephemera.core.talk.Upload;
import ephemera.core.talk.Uploads;
import ephemera.server.http.Access;
import ephemera.server.http.Call;
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
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/** Attachments: upload, look at, download, delete; and their pictures (contract B.4.5). Thread-safe. */
final class AttachmentRoutes {

    private final Uploads uploads;
    private final AttachmentText text;
    private final Idempotent idempotent;
    private final Map<AttachmentText.Kind, byte[]> icons = new EnumMap<>(AttachmentText.Kind.class);

    AttachmentRoutes(Uploads uploads, AttachmentText text, Idempotent idempotent) {
        this.uploads = uploads;
        this.text = text;
        this.idempotent = idempotent;
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
        Uploading uploading =
                new Uploading(uploads, upload -> told(text.of(upload)), this::found, AttachmentText::gone);
        return List.of(
                idempotent.bringing("/v6/attachments/upload", uploading, uploads),
                new Route("GET", "/v6/attachments/{id}", Access.TOKEN,
                        call -> Envelope.success(found(call.caller(), attachment(call)))),
                new Route("GET", "/v6/attachments/{id}/content", Access.TOKEN, this::content),
                new Route("DELETE", "/v6/attachments/{id}", Access.TOKEN, this::delete),
                new Route("GET", "/v6/icons/{icon}", Access.PUBLIC, this::icon));
    }

    private static UUID attachment(Call call) {
        return TightIds.parse(TightIds.ATTACHMENT, call.path("id")).orElseThrow(Failure.NOT_FOUND::refused);
    }

    private static ObjectNode told(ObjectNode attachment) {
        return attachment.put("status", AttachmentText.ACTIVE);
    }

    private ObjectNode found(Caller caller, UUID id) {
        return switch (uploads.find(caller, id)) {
            case Uploads.Found.Waiting(Upload upload) -> told(text.of(upload));
            case Uploads.Found.Taken(Message message, Attachment attachment) -> told(text.of(attachment, message));
        };
    }

    private Reply content(Call call) {
        Reading.Opened opened = uploads.open(call.caller(), attachment(call));
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

    private Reply delete(Call call) {
        Upload gone = uploads.delete(call.caller(), attachment(call));
        return Envelope.success(text.of(gone).put("status", AttachmentText.DELETED));
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
