package ephemera.core.talk;

import java.util.UUID;

/**
 * The file of a message.
 *
 * @param blob where the bytes are
 * @param name the file's name without any path
 * @param type its media type
 * @param size in bytes
 */
public record Attachment(UUID blob, String name, String type, long size) {

    private static final String UNNAMED = "attachment-0.bin";
    private static final int LONGEST_NAME = 250;

    /** The attachment with a name that is safe on every file system and in every header. */
    public Attachment {
        String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        String clean = last.replaceAll("[\\p{Cntrl}\"<>|:*?]", "").strip();
        clean = clean.length() > LONGEST_NAME ? clean.substring(clean.length() - LONGEST_NAME) : clean;
        name = clean.isEmpty() || clean.equals(".") || clean.equals("..") ? UNNAMED : clean;
        type = type.matches("[\\w!#$&^.+\\-]{1,100}/[\\w!#$&^.+\\-]{1,100}") ? type : "application/octet-stream";
    }
}
