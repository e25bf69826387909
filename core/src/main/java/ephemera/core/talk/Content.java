package ephemera.core.talk;

import java.util.List;

/**
 * What a message says.
 *
 * @param body the text, or empty text
 * @param data structured data for programs
 * @param attachments the files, in the order in which the sender named them
 */
public record Content(String body, List<Datum> data, List<Attachment> attachments) {

    /** The content of a message that was recalled, or is told without it. */
    public static final Content NONE = new Content("", List.of(), List.of());
}
