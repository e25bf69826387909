package ephemera.core.talk;

import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import ephemera.core.vault.Slice;
import java.time.Instant;

/**
 * A file that waits for its message.
 *
 * @param organization whose messages may take it
 * @param uploader who may see and delete it while it waits
 * @param createdAt when it was stored
 * @param slice with which it ends if no message takes it
 * @param attachment what it is; its file's id is also the upload's
 * @param details what the uploader says of it, for programs: a JSON object, or empty text
 */
public record Upload(
        OrganizationId organization,
        PersonId uploader,
        Instant createdAt,
        Slice slice,
        Attachment attachment,
        String details) {

    /** The same, of which something else is said. */
    public Upload saying(String said) {
        return new Upload(organization, uploader, createdAt, slice, attachment, said);
    }
}
