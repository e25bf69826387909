package ephemera.core.talk;

import ephemera.core.Failure;
import ephemera.core.directory.Caller;
import ephemera.core.directory.ClientId;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * What is known of files that wait for their messages (a port).
 *
 * <p>What a file is called and the key that opens it are sealed with a key that ends with the upload's slice, at the
 * latest; every read judges that end by the database's clock. What a method changed is on disk when it returns.
 * Thread-safe.
 */
public interface Shelf {

    /** So much a file counts at least, in bytes: the disk gives nothing smaller. */
    long SMALLEST = 4_096;

    /** What a file of that size counts, in bytes. */
    static long weight(long size) {
        return Math.max(SMALLEST, size);
    }

    /**
     * How much waits, in bytes.
     *
     * @param ofPerson what one person has here
     * @param ofClient what came through one application, for whomever
     */
    record Weight(long ofPerson, long ofClient) {

        /** Both together. */
        Weight plus(Weight other) {
            return new Weight(ofPerson + other.ofPerson, ofClient + other.ofClient);
        }

        /**
         * Passes if this is no more than that.
         *
         * @throws ephemera.core.Refused with {@code TOO_MUCH_WAITING}
         */
        public void requireWithin(Weight most) {
            if (ofPerson > most.ofPerson) {
                throw Failure.TOO_MUCH_WAITING.refused("Files of one person that wait for their messages may have "
                        + most.ofPerson + " bytes together; send or delete some.");
            }
            if (ofClient > most.ofClient) {
                throw Failure.TOO_MUCH_WAITING.refused("Files that wait for their messages and came through one "
                        + "application may have " + most.ofClient + " bytes together; send or delete some.");
            }
        }
    }

    /** What waits of a person, and of an application; that has the second part only if one is named. */
    Weight weight(PersonId uploader, Optional<ClientId> client);

    /**
     * Enters a file, and that it came.
     *
     * @param by its uploader
     * @param most what may wait together with it: of several that come at once, those that still have room are entered
     * @throws ephemera.core.Refused with {@code TOO_MUCH_WAITING} if there is none for it
     */
    void put(Upload upload, Caller by, Weight most);

    /** The file with that id that waits in an organization; empty if there is none (any more). */
    Optional<Upload> find(UUID id, OrganizationId organization);

    /**
     * Some files of an uploader that wait, in the order in which they came.
     *
     * @param among only these; all if empty
     * @param from only those after it, or before it; it need not be there any more
     * @param backward whether the youngest comes first
     */
    List<Upload> waiting(
            PersonId uploader, Optional<Set<UUID>> among, Optional<UUID> from, boolean backward, int limit);

    /**
     * Changes what the uploader says of a file that waits, while nobody else can; what was said before is gone then.
     *
     * @param change makes of what is said now what is to be said
     * @return the file as it is now; empty if it does not wait, or is another one's
     */
    Optional<Upload> describe(UUID id, PersonId uploader, UnaryOperator<String> change);

    /** Removes a file that waits, and enters that; false if it does not, or is another one's. */
    boolean remove(UUID id, AuditTrail.Editor by);

    /** The message of an organization that has a file; empty if there is none (any more). */
    Optional<MessageId> holder(UUID id, OrganizationId organization);

    /**
     * Lets a message have files that wait, all or none; no other message can have them then.
     *
     * @param uploads which ones, in the message's order
     * @param by what tells the requests of one sender apart: the request that has them may ask again
     * @param message what the message will be called
     * @throws ephemera.core.Refused with {@code ATTACHMENT_UNAVAILABLE} if one does not wait in the organization, or
     *     another message has it
     */
    Claim claim(List<UUID> uploads, OrganizationId organization, Request by, MessageId message);

    /** Whether a message of that request could have files now. */
    boolean canClaim(List<UUID> uploads, OrganizationId organization, Request by);

    /**
     * Who asks for files.
     *
     * @param requestId the sender's idempotency key, or empty text: such a request is not repeated
     */
    record Request(PersonId sender, String requestId) {}

    /**
     * Files that a message may have.
     *
     * @param id by which the claim is known
     * @param message what the message has to be called: the same at each repetition of the request
     * @param stored whether a message of that name was stored before, with the files; then there are none here
     * @param uploads the files, in their order
     */
    record Claim(UUID id, MessageId message, boolean stored, List<Upload> uploads) {}

    /**
     * Ends a claim whose message was stored: what is known here of its files is scrubbed. Files of the claim that the
     * message does not have wait on.
     */
    void settle(Claim claim, List<UUID> files);

    /** Ends a claim whose message was not stored: the files wait on. One whose message is there all the same stays. */
    void release(Claim claim);
}
