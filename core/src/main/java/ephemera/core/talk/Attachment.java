package ephemera.core.talk;

import ephemera.core.vault.BlobKey;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * A file of a message.
 *
 * @param blob where the bytes are
 * @param key what the bytes are sealed with
 * @param name the file's name without any path
 * @param type its media type
 * @param size in bytes
 */
public record Attachment(UUID blob, BlobKey key, String name, String type, long size) {

    private static final String UNNAMED = "attachment-0.bin";
    private static final int LONGEST_NAME = 250;

    /** The attachment with a name that is safe on every file system and in every header. */
    public Attachment {
        String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        String clean = ending(last.replaceAll("[\\p{Cc}\"<>|:*?]", "").strip());
        name = clean.isEmpty() || clean.equals(".") || clean.equals("..") ? UNNAMED : clean;
        int parameters = type.indexOf(';');
        type = parameters < 0 ? type : type.substring(0, parameters).strip();
        type = type.matches("[\\w!#$&^.+\\-]{1,100}/[\\w!#$&^.+\\-]{1,100}") ? type : "application/octet-stream";
    }

    /** When its file was stored, to the millisecond; empty for files of earlier releases, whose ids do not tell. */
    public Optional<Instant> storedAt() {
        return blob.version() == 7
                ? Optional.of(Instant.ofEpochMilli(blob.getMostSignificantBits() >>> 16))
                : Optional.empty();
    }

    /** The end of a name, which tells what the file is, in whole characters. */
    private static String ending(String name) {
        int from = Math.max(0, name.length() - LONGEST_NAME);
        return name.substring(from > 0 && Character.isLowSurrogate(name.charAt(from)) ? from + 1 : from);
    }
}
