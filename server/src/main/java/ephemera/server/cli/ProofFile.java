package ephemera.server.cli;

import ephemera.core.Ids;
import ephemera.core.vault.DayRoot;
import ephemera.core.vault.Deletion;
import ephemera.core.vault.DeletionProof;
import ephemera.core.vault.Digest;
import ephemera.core.vault.SignatureKey;
import ephemera.core.vault.SignatureText;
import ephemera.server.StartFailure;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A proof of deletion as a file: one JSON object, whose fields {@code docs/operate/deletion-record.md} explains.
 *
 * <p>There is one way to write a proof, apart from white space and the order of fields: whatever else is in a file
 * makes it none.
 */
final class ProofFile {

    private static final String FORMAT = "ephemera-deletion-proof-1";

    /** A proof over a day of 2^60 entries has less. */
    static final int MOST_BYTES = 64 * 1024;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ProofFile() {}

    /** The proof as an object. */
    static ObjectNode write(DeletionProof proof) {
        ObjectNode file = Answer.object().put("format", FORMAT).put("message", proof.message().toString());
        file.set("entry", write(proof.entry()));
        ArrayNode path = file.putArray("path");
        proof.path().forEach(digest -> path.add(digest.hex()));
        DayRoot day = proof.day();
        file.putObject("day")
                .put("date", day.day().toString())
                .put("complete", day.complete())
                .put("first", day.first())
                .put("last", day.last())
                .put("root", day.root().hex())
                .put("signature", proof.daySignature().hex());
        file.putObject("signer")
                .put("publicKey", proof.signer().base64())
                .put("fingerprint", proof.signer().fingerprint().hex());
        return file.put("signature", proof.signature().hex());
    }

    private static ObjectNode write(Deletion entry) {
        Deletion.Draft draft = entry.draft();
        return Answer.object()
                .put("sequence", entry.sequence())
                .put("kind", draft.kind().name())
                .put("organization", draft.organization())
                .put("subject", draft.subject())
                .put("reason", draft.reason().name())
                .put("key", draft.key())
                .put("decidedAt", draft.decidedAt().toString())
                .put("destroyedAt", draft.destroyedAt().toString())
                .put("recordedAt", entry.recordedAt().toString())
                .put("previous", entry.previous().hex())
                .put("hash", entry.hash().hex());
    }

    /** The object in lines that people can read. */
    static List<String> lines(ObjectNode file) {
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(file).lines().toList();
    }

    /**
     * The proof in a file; whether it holds is another question.
     *
     * @throws StartFailure if there is none in it
     */
    static DeletionProof read(byte[] file) {
        JsonNode json = json(file);
        if (!json.path("format").asString("").equals(FORMAT)) {
            throw new StartFailure("This is no proof: it does not say that its format is " + FORMAT + ".");
        }
        DeletionProof proof = proof(json);
        // As it would be written; through the parser, so that numbers are compared alike.
        JsonNode written = MAPPER.readTree(MAPPER.writeValueAsString(write(proof)));
        if (!json.at("/entry/hash").equals(written.at("/entry/hash"))) {
            throw new StartFailure("This is no proof: the entry is not what its hash was made of.");
        }
        if (!json.equals(written)) {
            throw new StartFailure("This is no proof: something in it was changed, added or left out.");
        }
        return proof;
    }

    private static JsonNode json(byte[] file) {
        try {
            return MAPPER.readTree(
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(file)).toString());
        } catch (CharacterCodingException | JacksonException _) {
            throw new StartFailure("This is no proof: it is not JSON.");
        }
    }

    private static DeletionProof proof(JsonNode json) {
        List<Digest> path = new ArrayList<>();
        json.path("path").forEach(digest -> path.add(read("path", digest, Digest::parse)));
        return new DeletionProof(
                read(json, "message", Ids::parse),
                entry(json.path("entry")),
                path,
                day(json.path("day")),
                read(json.path("day"), "signature", SignatureText::parse),
                read(json.path("signer"), "publicKey", SignatureKey::parse),
                read(json, "signature", SignatureText::parse));
    }

    private static Deletion entry(JsonNode json) {
        try {
            Deletion.Draft draft = new Deletion.Draft(
                    Deletion.Kind.valueOf(text(json, "kind")),
                    text(json, "organization"),
                    text(json, "subject"),
                    Deletion.Reason.valueOf(text(json, "reason")),
                    text(json, "key"),
                    Instant.parse(text(json, "decidedAt")),
                    Instant.parse(text(json, "destroyedAt")));
            return new Deletion(
                    json.path("sequence").asLong(0),
                    draft,
                    Instant.parse(text(json, "recordedAt")),
                    read(json, "previous", Digest::parse));
        } catch (IllegalArgumentException | DateTimeException | ArithmeticException _) {
            throw wrong("entry");
        }
    }

    private static DayRoot day(JsonNode json) {
        try {
            return new DayRoot(
                    LocalDate.parse(text(json, "date")),
                    json.path("first").asLong(0),
                    json.path("last").asLong(0),
                    read(json, "root", Digest::parse),
                    json.path("complete").asBoolean(false));
        } catch (IllegalArgumentException | DateTimeException _) {
            throw wrong("day");
        }
    }

    private static String text(JsonNode json, String field) {
        return json.path(field).asString("");
    }

    private static <T> T read(JsonNode json, String field, Function<String, Optional<T>> parser) {
        return read(field, json.path(field), parser);
    }

    private static <T> T read(String field, JsonNode value, Function<String, Optional<T>> parser) {
        return parser.apply(value.asString("")).orElseThrow(() -> wrong(field));
    }

    private static StartFailure wrong(String field) {
        return new StartFailure("This is no proof: the field " + field + " has a value that it cannot have.");
    }
}
