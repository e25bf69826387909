package ephemera.server.door.tight;

import ephemera.core.talk.Attachment;
import ephemera.core.talk.Message;
import ephemera.core.talk.Upload;
import ephemera.server.http.JsonText;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How this door writes files, and reads what is said of them (contract B.4.5 and B.4.8).
 *
 * <p>What is said of a file is kept as a JSON object of the fields below, as long as the file waits for its message.
 * Thread-safe.
 */
final class FileText {

    private static final String ENTITY = "entityId";
    private static final String DATE = "date";
    private static final String AMOUNT = "amount";
    private static final String CUSTOM = "customData";
    private static final List<String> TEXTS = List.of("description", "notes");
    private static final List<String> SAID = List.of("description", "notes", DATE, AMOUNT, ENTITY, CUSTOM);
    private static final List<String> TOLD = List.of("description", "notes", DATE, AMOUNT);
    private static final List<String> OF_ATTACHMENT =
            List.of("url", "fileName", "fileSize", "createdDateTime", "iconUrl");
    private static final int LONGEST_TEXT = 2_000;
    private static final int LONGEST_NAME = 200;
    private static final int MOST_CUSTOM_FIELDS = 50;
    private static final int LONGEST_CUSTOM = 2_000;

    private final AttachmentText attachments;

    FileText(AttachmentText attachments) {
        this.attachments = attachments;
    }

    /**
     * What is to be said of a file: the fields that are named, with {@code null} for those that are to be forgotten;
     * what is wrong is noted in the fields. Anything else is left out.
     */
    static ObjectNode said(Fields fields) {
        ObjectNode said = JsonText.object();
        TEXTS.forEach(name -> fields.text(name, LONGEST_TEXT).ifPresent(text -> said.put(name, text)));
        fields.text(ENTITY, LONGEST_NAME).ifPresent(text -> said.put(ENTITY, text));
        fields.text(DATE).ifPresent(date -> {
            if (!isDate(date)) {
                fields.malformed(DATE, "This must be a date such as 2026-11-21.");
            }
            said.put(DATE, date);
        });
        if (fields.has(AMOUNT)) {
            JsonNode amount = fields.value(AMOUNT);
            if (!amount.isNumber() || !Double.isFinite(amount.asDouble())) {
                fields.malformed(AMOUNT, "This must be a number.");
            }
            said.set(AMOUNT, amount);
        }
        if (fields.object(CUSTOM).isPresent()) {
            JsonNode custom = fields.value(CUSTOM);
            if (custom.size() > MOST_CUSTOM_FIELDS || JsonText.text(custom).length() > LONGEST_CUSTOM) {
                fields.wrong(CUSTOM, "This has at most " + MOST_CUSTOM_FIELDS + " fields and " + LONGEST_CUSTOM
                        + " characters.");
            }
            said.set(CUSTOM, custom);
        }
        SAID.stream().filter(name -> isCleared(fields.value(name))).forEach(said::putNull);
        return said;
    }

    private static boolean isCleared(JsonNode value) {
        return value.isNull() || (value.isString() && value.asString().isBlank());
    }

    private static boolean isDate(String text) {
        try {
            return LocalDate.parse(text).toString().equals(text);
        } catch (DateTimeException _) {
            return false;
        }
    }

    /** Notes about which record of the application a file is; what its path says goes before anything else. */
    static void about(Fields fields, String entity, ObjectNode said) {
        if (entity.isBlank() || entity.length() > LONGEST_NAME) {
            fields.wrong(ENTITY, "This has 1 to " + LONGEST_NAME + " characters.");
        }
        said.put(ENTITY, entity);
    }

    /** What is said of a file after something else was said; empty text if nothing is. */
    static String with(String details, ObjectNode said) {
        ObjectNode all = details.isEmpty() ? JsonText.object() : JsonText.object().setAll(object(details));
        said.properties().forEach(each -> {
            if (each.getValue().isNull()) {
                all.remove(each.getKey());
            } else {
                all.set(each.getKey(), each.getValue());
            }
        });
        return all.isEmpty() ? "" : JsonText.text(all);
    }

    private static ObjectNode object(String details) {
        return JsonText.read(details) instanceof ObjectNode object ? object : JsonText.object();
    }

    /** A file that waits for its message. */
    ObjectNode of(Upload upload) {
        ObjectNode details = upload.details().isEmpty() ? JsonText.object() : object(upload.details());
        return of(upload.attachment().blob(), attachments.of(upload), details);
    }

    /** A file of a message, of which nothing else is said any more. */
    ObjectNode of(Attachment attachment, Message message) {
        return of(attachment.blob(), attachments.of(attachment, message), JsonText.object());
    }

    private static ObjectNode of(UUID id, ObjectNode attachment, ObjectNode details) {
        ObjectNode file = JsonText.object().put("id", TightIds.text(TightIds.FILE, id));
        JsonNode entity = details.path(ENTITY);
        if (entity.isString()) {
            file.putObject("entity").put("id", entity.asString());
        } else {
            file.putNull("entity");
        }
        TOLD.forEach(name -> file.set(name, details.has(name) ? details.get(name) : NullNode.getInstance()));
        OF_ATTACHMENT.forEach(name -> file.set(name, attachment.path(name)));
        file.set(CUSTOM, details.has(CUSTOM) ? details.get(CUSTOM) : JsonText.object());
        return file.put("status", AttachmentText.ACTIVE);
    }

    /** A file that is not there any more. */
    static ObjectNode gone(UUID id) {
        return JsonText.object().put("id", TightIds.text(TightIds.FILE, id)).put("status", AttachmentText.DELETED);
    }
}
