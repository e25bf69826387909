package ephemera.core.talk;

import java.util.List;
import java.util.stream.Stream;

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

    /** The same with further files after its own. */
    Content with(List<Attachment> more) {
        if (more.isEmpty()) {
            return this;
        }
        return new Content(
                body, data, Stream.concat(attachments.stream(), more.stream()).toList());
    }
}
