package ephemera.core.talk;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What a sender asks for.
 *
 * @param recipient the address of a person or the token of a group, as it was written
 * @param senderOrganization the organization that the sender named, which must be their own
 * @param recipientOrganization the organization that the sender named for the recipient, which must be the same
 * @param lifespanMinutes the lifespan that the sender asks for
 * @param deleteOnRead what the sender says about deletion after reading
 * @param priority how urgent it is
 * @param content what it says
 * @param requestId the sender's idempotency key, or empty text
 * @param subType a marker for clients, or empty text
 * @param uploads the ids of files that wait for this message, which come after those of its content
 */
public record Draft(
        String recipient,
        Optional<String> senderOrganization,
        Optional<String> recipientOrganization,
        Optional<Long> lifespanMinutes,
        Optional<Boolean> deleteOnRead,
        Priority priority,
        Content content,
        String requestId,
        String subType,
        List<UUID> uploads) {

    /** A draft without files that wait. */
    public Draft(
            String recipient,
            Optional<String> senderOrganization,
            Optional<String> recipientOrganization,
            Optional<Long> lifespanMinutes,
            Optional<Boolean> deleteOnRead,
            Priority priority,
            Content content,
            String requestId,
            String subType) {
        this(
                recipient,
                senderOrganization,
                recipientOrganization,
                lifespanMinutes,
                deleteOnRead,
                priority,
                content,
                requestId,
                subType,
                List.of());
    }

    /** A draft that leaves all else to the policy, with files that wait for it. */
    public static Draft of(String recipient, Content content, String requestId, List<UUID> uploads) {
        return new Draft(
                recipient,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Priority.NORMAL,
                content,
                requestId,
                "",
                uploads);
    }

    /** Whether it has any files. */
    boolean hasFiles() {
        return !content.attachments().isEmpty() || !uploads.isEmpty();
    }
}
