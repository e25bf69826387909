package ephemera.server.door.tight;

import ephemera.core.Refused;
import ephemera.core.directory.Caller;
import ephemera.core.talk.Upload;
import ephemera.core.talk.Uploads;
import ephemera.server.http.Call;
import ephemera.server.http.JsonText;
import ephemera.server.http.Reply;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The upload of a file by a multipart body with the parts {@code file} and {@code data}, done once for each key.
 *
 * <p>Of its answer only the id is kept: whoever repeats the request is told what the file is now. Thread-safe.
 */
final class Uploading implements Idempotent.Operation {

    private static final String FILE = "file";
    private static final String DATA = "data";
    private static final String ID = "id";

    private final Uploads uploads;
    private final Function<Upload, ObjectNode> written;
    private final BiFunction<Caller, UUID, ObjectNode> found;
    private final Function<UUID, ObjectNode> gone;

    /**
     * Makes it.
     *
     * @param written how a file that waits is answered
     * @param found how one is answered that may be with a message by now
     * @param gone how one is answered that is not there any more
     */
    Uploading(
            Uploads uploads,
            Function<Upload, ObjectNode> written,
            BiFunction<Caller, UUID, ObjectNode> found,
            Function<UUID, ObjectNode> gone) {
        this.uploads = uploads;
        this.written = written;
        this.found = found;
        this.gone = gone;
    }

    @Override
    public Idempotent.Outcome run(Idempotent.Attempt attempt) {
        Call call = attempt.call();
        Optional<JsonNode> data =
                call.parameters().parts(DATA).stream().findFirst().map(part -> JsonText.read(part.text()));
        Fields body = Fields.of(JsonText.object().set(DATA, data.orElseGet(JsonText::object)));
        ObjectNode said = body.object(DATA).map(fields -> said(call, fields)).orElseGet(JsonText::object);
        if (!call.parameters().hasFile()) {
            body.missing(FILE);
        }
        if (!body.isFine()) {
            // Nobody has taken the file: it goes with the request.
            return Idempotent.Outcome.verbatim(Envelope.failure(400, body.problems()));
        }
        Upload upload = uploads.upload(
                call.caller(), call.parameters().file().orElseThrow(), FileText.with("", said));
        return new Idempotent.Outcome(
                Envelope.success(written.apply(upload)),
                JsonText.object().put(ID, upload.attachment().blob().toString()));
    }

    private static ObjectNode said(Call call, Fields fields) {
        ObjectNode said = FileText.said(fields);
        if (call.path().containsKey(FileRoutes.ATTACHED)) {
            FileText.about(fields, call.path(FileRoutes.ATTACHED), said);
        }
        return said;
    }

    @Override
    public Reply again(Call call, JsonNode kept) {
        return Envelope.success(now(call.caller(), UUID.fromString(kept.get(ID).asString())));
    }

    /** What a file is now. */
    ObjectNode now(Caller caller, UUID id) {
        try {
            return found.apply(caller, id);
        } catch (Refused refused) {
            if (refused.failure().retryable()) {
                throw refused;
            }
            return gone.apply(id);
        }
    }
}
