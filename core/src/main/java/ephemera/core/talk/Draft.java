package ephemera.core.talk;

import java.util.Optional;

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
        String subType) {}
