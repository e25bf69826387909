package ephemera.server.door.tight;

import ephemera.core.Failure;
import ephemera.core.directory.Caller;
import ephemera.core.talk.Attachment;
import ephemera.core.talk.Message;
import ephemera.core.talk.Upload;
import ephemera.core.talk.Uploads;
import ephemera.server.http.Access;
import ephemera.server.http.Call;
import ephemera.server.http.Reply;
import ephemera.server.http.Route;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Files: upload, say something of them, look at one or at those that wait, delete (contract B.4.5).
 *
 * <p>A file is an attachment under another name, of which its uploader may say something while it waits for its
 * message. Thread-safe.
 */
final class FileRoutes {

    /** The record of the application in the path of an upload. */
    static final String ATTACHED = "attached";

    private static final int MOST_NAMES = 1_000;

    private final Uploads uploads;
    private final FileText text;
    private final Idempotent idempotent;
    private final Bookmarks bookmarks;
    private final Uploading uploading;

    FileRoutes(Uploads uploads, FileText text, Idempotent idempotent, Bookmarks bookmarks) {
        this.uploads = uploads;
        this.text = text;
        this.idempotent = idempotent;
        this.bookmarks = bookmarks;
        this.uploading = new Uploading(uploads, text::of, this::found, FileText::gone);
    }

    List<Route> routes() {
        return List.of(
                idempotent.bringing("/v6/files/upload", uploading, uploads),
                idempotent.bringing("/v6/files/upload/{" + ATTACHED + "}", uploading, uploads),
                idempotent.writing("/v6/files", Batch.of(this::save, uploading::now)),
                idempotent.reading("/v6/files/query", this::query),
                new Route("GET", "/v6/files/{id}", Access.TOKEN,
                        call -> Envelope.success(found(call.caller(), file(call)))),
                new Route("DELETE", "/v6/files/{id}", Access.TOKEN, this::delete));
    }

    private static UUID file(Call call) {
        return TightIds.parse(TightIds.FILE, call.path("id")).orElseThrow(Failure.NOT_FOUND::refused);
    }

    private ObjectNode found(Caller caller, UUID id) {
        return switch (uploads.find(caller, id)) {
            case Uploads.Found.Waiting(Upload upload) -> text.of(upload);
            case Uploads.Found.Taken(Message message, Attachment attachment) -> text.of(attachment, message);
        };
    }

    private Reply delete(Call call) {
        Upload gone = uploads.delete(call.caller(), file(call));
        return Envelope.success(text.of(gone).put("status", AttachmentText.DELETED));
    }

    private List<Batch.Saved> save(Idempotent.Attempt attempt, List<JsonNode> data) {
        return data.stream().map(item -> saved(attempt.call().caller(), Fields.of(item))).toList();
    }

    /** Says something of a file. Files come by their upload: there is none without an id. */
    private Batch.Saved saved(Caller caller, Fields fields) {
        Optional<UUID> id = fields.id("id", TightIds.FILE);
        if (!fields.has("id")) {
            fields.missing("id");
        }
        fields.word("status", List.of(AttachmentText.ACTIVE));
        ObjectNode said = FileText.said(fields);
        return fields.item(() -> id.map(file -> Batch.Saved.done(
                file, text.of(uploads.describe(caller, file, details -> FileText.with(details, said))))));
    }

    /** Those that wait; a cursor is good for the same question only. */
    private Reply query(Call call) {
        Fields body = Fields.of(call.parameters().json());
        Optional<Fields> filter = body.object("filter");
        filter.ifPresent(all -> all.only(List.of("id")));
        Optional<Fields> named = filter.flatMap(all -> all.object("id"));
        named.ifPresent(all -> all.only(List.of("in")));
        Optional<Set<UUID>> among = named.flatMap(FileRoutes::ids);
        Optional<Fields> sort = body.objectOrFirst("sort");
        sort.ifPresent(each -> each.word("orderBy", List.of("CREATED_DATE_TIME", "CREATEDDATETIME")));
        boolean descending = sort.flatMap(each -> each.word("direction", List.of("ASC", "DESC")))
                .filter("DESC"::equals)
                .isPresent();
        Paging paging = Paging.of(call, body, bookmarks, "files " + descending + " " + among.map(TreeSet::new));
        if (!body.isFine()) {
            return Envelope.failure(400, body.problems());
        }
        List<Upload> read = uploads.waiting(
                call.caller(), among, paging.place().map(UUID::fromString), paging.backward() != descending,
                paging.limit() + 1);
        boolean more = read.size() > paging.limit();
        List<Upload> page = more ? read.subList(0, paging.limit()) : read;
        return paging.page(paging.backward() ? page.reversed() : page, more, text::of,
                upload -> upload.attachment().blob().toString());
    }

    private static Optional<Set<UUID>> ids(Fields id) {
        Optional<List<String>> names = id.texts("in");
        if (names.filter(all -> all.size() > MOST_NAMES).isPresent()) {
            id.wrong("in", "This has at most " + MOST_NAMES + " ids.");
        }
        // What is no id is the id of nothing.
        return names.map(all -> all.stream()
                .flatMap(name -> TightIds.parse(TightIds.FILE, name).stream())
                .collect(Collectors.toCollection(LinkedHashSet::new)));
    }
}
