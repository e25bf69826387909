package ephemera.core.talk;

import java.util.List;
import java.util.Optional;

/**
 * What a message says.
 *
 * @param body the text, or empty text
 * @param data structured data for programs
 * @param attachment the file
 */
public record Content(String body, List<Datum> data, Optional<Attachment> attachment) {

    /** The content of a message that was recalled, or is told without it. */
    public static final Content NONE = new Content("", List.of(), Optional.empty());
}
