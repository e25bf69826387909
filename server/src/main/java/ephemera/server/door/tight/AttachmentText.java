package ephemera.server.door.tight;

import ephemera.core.Failure;
import ephemera.core.Refused;
import ephemera.core.talk.Attachment;
import ephemera.core.talk.Message;
import ephemera.core.talk.Upload;
import ephemera.server.http.JsonText;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How files are told at this door (contract B.4.1 and B.4.5). Thread-safe. */
final class AttachmentText {

    private static final List<String> UNITS = List.of("KB", "MB", "GB", "TB");
    private static final int STEP = 1024;

    /** The status of what is there. */
    static final String ACTIVE = "ACTIVE";

    /** The status of what is not there any more. */
    static final String DELETED = "DELETED";

    /** The field in which messages name their files. */
    static final String IDS = "attachmentIds";

    private final Supplier<String> url;

    /**
     * Tells files of a server.
     *
     * @param url where it is reached
     */
    AttachmentText(Supplier<String> url) {
        this.url = url;
    }

    /** An attachment that is not there any more. */
    static ObjectNode gone(UUID id) {
        return JsonText.object().put("id", TightIds.text(TightIds.ATTACHMENT, id)).put("status", DELETED);
    }

    /** The files of a message, in their order. */
    ArrayNode of(Message message) {
        ArrayNode files = JsonText.array();
        message.content().attachments().forEach(file -> files.add(of(file, message)));
        return files;
    }

    /** A file of a message. */
    ObjectNode of(Attachment attachment, Message message) {
        return of(attachment, attachment.storedAt().orElse(message.sentAt()));
    }

    /** A file that waits for its message. */
    ObjectNode of(Upload upload) {
        return of(upload.attachment(), upload.createdAt());
    }

    private ObjectNode of(Attachment attachment, Instant stored) {
        String id = TightIds.text(TightIds.ATTACHMENT, attachment.blob());
        return JsonText.object()
                .put("id", id)
                .put("url", content(attachment.blob()))
                .put("fileName", attachment.name())
                .put("fileSize", size(attachment.size()))
                .put("createdDateTime", MessageText.instant(stored))
                .put("iconUrl", url.get() + "/v6/icons/" + Kind.of(attachment).file());
    }

    /** Where the bytes of a file are. */
    String content(UUID id) {
        return url.get() + "/v6/attachments/" + TightIds.text(TightIds.ATTACHMENT, id) + "/content";
    }

    /** The file that a token names, of an attachment or of a file; empty if it names none. */
    static Optional<UUID> id(String token) {
        return TightIds.parse(TightIds.ATTACHMENT, token).or(() -> TightIds.parse(TightIds.FILE, token));
    }

    /** The files that an item names; empty if what it names are none, which is noted in its fields. */
    static Optional<List<UUID>> ids(Fields item) {
        if (!item.has(IDS)) {
            return Optional.of(List.of());
        }
        Optional<List<String>> tokens = item.texts(IDS);
        List<UUID> ids = tokens.orElse(List.of()).stream()
                .flatMap(token -> id(token).stream())
                .toList();
        if (tokens.filter(named -> named.size() > ids.size()).isPresent()) {
            item.wrong(IDS, Failure.ATTACHMENT_UNAVAILABLE.text());
            return Optional.empty();
        }
        return tokens.map(_ -> ids);
    }

    /** Does something with the files that an item names, and notes in its fields if one cannot be had. */
    static void noting(Fields item, Runnable work) {
        try {
            work.run();
        } catch (Refused refused) {
            if (refused.failure() != Failure.ATTACHMENT_UNAVAILABLE) {
                throw refused;
            }
            item.wrong(IDS, Objects.requireNonNull(refused.getMessage(), "a refusal has a text"));
        }
    }

    /** A size as people read it: three digits at most, and a decimal one where they are few. */
    static String size(long bytes) {
        if (bytes < STEP) {
            return bytes + " B";
        }
        double value = bytes;
        int unit = -1;
        // What would be rounded to 1024 is 1 of the next.
        while (value >= STEP - 0.5 && unit < UNITS.size() - 1) {
            value /= STEP;
            unit++;
        }
        long tenths = Math.round(value * 10);
        boolean fine = tenths < 100 && tenths % 10 != 0;
        String number = fine ? tenths / 10 + "." + tenths % 10 : Long.toString(Math.round(value));
        return number + " " + UNITS.get(unit);
    }

    /** What a file is, as far as a picture can tell. */
    enum Kind {
        PDF,
        IMAGE,
        TEXT,
        SHEET,
        ARCHIVE,
        AUDIO,
        VIDEO,
        FILE;

        private static final List<String> SHEETS = List.of("spreadsheet", "ms-excel", "csv");
        private static final List<String> ARCHIVES = List.of("zip", "x-tar", "compressed", "gzip", "x-7z", "x-bzip");
        private static final List<String> TEXTS =
                List.of("msword", "wordprocessing", "opendocument.text", "rtf", "json");

        /** The name of its picture. */
        String file() {
            return name().toLowerCase(Locale.ROOT) + ".svg";
        }

        /** What a file is, by its type, or by its name if the type tells nothing. */
        static Kind of(Attachment attachment) {
            Kind kind = ofType(attachment.type().toLowerCase(Locale.ROOT));
            return kind == FILE ? ofName(attachment.name().toLowerCase(Locale.ROOT)) : kind;
        }

        private static Kind ofType(String type) {
            if (SHEETS.stream().anyMatch(type::contains)) {
                return SHEET;
            }
            if (ARCHIVES.stream().anyMatch(type::contains)) {
                return ARCHIVE;
            }
            return switch (type.substring(0, type.indexOf('/'))) {
                case "image" -> IMAGE;
                case "audio" -> AUDIO;
                case "video" -> VIDEO;
                case "text" -> TEXT;
                default -> type.contains("pdf") ? PDF : TEXTS.stream().anyMatch(type::contains) ? TEXT : FILE;
            };
        }

        private static Kind ofName(String name) {
            return switch (name.substring(name.lastIndexOf('.') + 1)) {
                case "pdf" -> PDF;
                case "png", "jpg", "jpeg", "gif", "webp", "heic", "svg", "bmp", "tif", "tiff" -> IMAGE;
                case "txt", "md", "doc", "docx", "odt", "rtf" -> TEXT;
                case "csv", "xls", "xlsx", "ods" -> SHEET;
                case "zip", "tar", "gz", "7z", "rar", "bz2", "xz" -> ARCHIVE;
                case "mp3", "wav", "ogg", "m4a", "flac" -> AUDIO;
                case "mp4", "mov", "mkv", "webm", "avi" -> VIDEO;
                default -> FILE;
            };
        }
    }
}
