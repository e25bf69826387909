package ephemera.core.talk;

import ephemera.core.Failure;
import ephemera.core.Lifespan;
import ephemera.core.Limits;
import ephemera.core.Refused;
import ephemera.core.directory.Caller;
import ephemera.core.directory.Directory;
import ephemera.core.vault.Blobs;
import ephemera.core.vault.Grid;
import ephemera.core.vault.Slice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * The use cases on files that come before their message: upload, look at, delete, and have a message take them.
 *
 * <p>A file waits for a day, where it ends with its key; only its uploader sees it. A message of the same organization
 * takes it, once: from then on it belongs to the message, is seen by those who see the message, and ends with it.
 * Thread-safe.
 */
public final class Uploads {

    /** How long a file waits. */
    public static final Lifespan PATIENCE = Lifespan.ofMinutes(24 * 60);

    private static final int LONGEST_DETAILS = 16_384;

    private final Directory directory;
    private final Shelf shelf;
    private final WaitingRoom room;
    private final Reading reading;
    private final Blobs blobs;
    private final Grid grid;
    private final InstantSource clock;
    private final Limits limits;

    /**
     * Makes the use cases over those ports.
     *
     * @param clock tells about the database's time
     */
    public Uploads(
            Directory directory,
            Shelf shelf,
            Reading reading,
            Blobs blobs,
            Grid grid,
            InstantSource clock,
            Limits limits) {
        this.directory = directory;
        this.shelf = shelf;
        this.room = new WaitingRoom(shelf, limits);
        this.reading = reading;
        this.blobs = blobs;
        this.grid = grid;
        this.clock = clock;
        this.limits = limits;
    }

    /**
     * Lets a caller bring a file for {@link #upload}, before its first byte is stored.
     *
     * @param declared the length of the request that has it, in bytes; 0 if nobody has told
     * @return room for its bytes, to be closed when the file was entered or refused
     * @throws Refused with {@code INSUFFICIENT_SCOPE}, or with {@code TOO_MUCH_WAITING} if there can be no room for it
     */
    public Allowance admit(Caller caller, long declared) {
        caller.requireWrite();
        return room.admit(caller, declared);
    }

    /**
     * Lets a file that was just stored wait for its message; it belongs to this call and is removed if it is refused.
     *
     * @param details a JSON object, or empty text
     * @throws Refused with {@code ATTACHMENTS_FORBIDDEN} if the policy allows none, with {@code INVALID} if the details
     *     are too long, with {@code TOO_MUCH_WAITING} if too many bytes wait with it
     */
    public Upload upload(Caller caller, Attachment stored, String details) {
        List<UUID> file = List.of(stored.blob());
        Instant now = clock.instant();
        Slice slice = grid.slice(now, PATIENCE);
        try {
            caller.requireWrite();
            if (!directory.organization(caller).policy().attachments()) {
                throw Failure.ATTACHMENTS_FORBIDDEN.refused();
            }
            checkDetails(details);
            blobs.keep(file, slice);
        } catch (Refused refused) {
            blobs.discard(file);
            throw refused;
        }
        // The same instant that its message will tell, once it has it.
        Instant createdAt = stored.storedAt().orElse(now);
        Upload upload = new Upload(caller.organization(), caller.id(), createdAt, slice, stored, details);
        try {
            shelf.put(upload, caller, room.most());
        } catch (RuntimeException e) {
            // Nobody was told its id: whether it was entered or not, it can go.
            blobs.delete(file, slice);
            throw e;
        }
        return upload;
    }

    private static String checkDetails(String details) {
        if (details.length() > LONGEST_DETAILS) {
            throw Failure.INVALID.refused(
                    "What is said of a file has at most " + LONGEST_DETAILS + " characters.");
        }
        return details;
    }

    /** Where a file is. */
    public sealed interface Found {

        /** It waits. */
        record Waiting(Upload upload) implements Found {}

        /** A message has it. */
        record Taken(Message message, Attachment attachment) implements Found {}
    }

    /**
     * The file with that id, for its uploader while it waits, and then for those who may read the message that has it.
     * Of a strict message this is the reading, as {@link Reading#attachment} is.
     *
     * @throws Refused with {@code NOT_FOUND}, {@code NOT_A_MEMBER} or {@code INSUFFICIENT_SCOPE}
     */
    public Found find(Caller caller, UUID id) {
        return shelf.find(id, caller.organization())
                .filter(upload -> upload.uploader().equals(caller.id()))
                .<Found>map(Found.Waiting::new)
                .orElseGet(() -> {
                    Reading.Attached attached = reading.attached(caller, holder(caller, id), id);
                    return new Found.Taken(attached.message(), attached.attachment());
                });
    }

    /** The bytes of a file; fails like {@link #find}. The reader closes the stream. */
    public Reading.Opened open(Caller caller, UUID id) {
        return switch (find(caller, id)) {
            case Found.Waiting(Upload upload) -> open(upload.attachment(), upload.slice());
            case Found.Taken(Message message, Attachment attachment) -> open(attachment, message.slice());
        };
    }

    private Reading.Opened open(Attachment attachment, Slice slice) {
        try {
            return new Reading.Opened(attachment, blobs.open(attachment.blob(), attachment.key(), slice)
                    .orElseThrow(Failure.NOT_FOUND::refused));
        } catch (IOException e) {
            throw new UncheckedIOException("opening an upload failed", e);
        }
    }

    private MessageId holder(Caller caller, UUID id) {
        return shelf.holder(id, caller.organization()).orElseThrow(Failure.NOT_FOUND::refused);
    }

    /**
     * Some of the caller's files that wait, in the order in which they came.
     *
     * @param among only these; all if empty
     * @param from only those after it, or before it
     * @param backward whether the youngest comes first
     */
    public List<Upload> waiting(
            Caller caller, Optional<Set<UUID>> among, Optional<UUID> from, boolean backward, int limit) {
        return shelf.waiting(caller.id(), among, from, backward, limit);
    }

    /**
     * Changes what the caller says of a file that waits.
     *
     * @param change makes of what is said now (a JSON object, or empty text) what is to be said
     * @throws Refused like {@link #find}, with {@code FORBIDDEN} if a message has it, with {@code INVALID} if that is
     *     too long
     */
    public Upload describe(Caller caller, UUID id, UnaryOperator<String> change) {
        caller.requireWrite();
        return shelf.describe(id, caller.id(), details -> checkDetails(change.apply(details)))
                .orElseThrow(() -> taken(caller, id));
    }

    /**
     * Refuses what {@link Sending} would refuse of files that a message names.
     *
     * @param requestId the sender's idempotency key, or empty text
     * @throws Refused with {@code ATTACHMENT_UNAVAILABLE}
     */
    public void require(Caller caller, List<UUID> uploads, String requestId) {
        checkNames(uploads);
        if (!uploads.isEmpty()
                && !shelf.canClaim(uploads, caller.organization(), new Shelf.Request(caller.id(), requestId))) {
            throw Failure.ATTACHMENT_UNAVAILABLE.refused();
        }
    }

    private void checkNames(List<UUID> uploads) {
        if (uploads.size() > limits.attachments()) {
            throw Failure.ATTACHMENT_UNAVAILABLE.refused(
                    "A message has at most " + limits.attachments() + " attachments.");
        }
        if (new HashSet<>(uploads).size() < uploads.size()) {
            throw Failure.ATTACHMENT_UNAVAILABLE.refused("An attachment is named twice.");
        }
    }

    /**
     * Deletes a file that waits; gives what it was.
     *
     * @throws Refused like {@link #find}, and with {@code FORBIDDEN} if a message has it
     */
    public Upload delete(Caller caller, UUID id) {
        caller.requireWrite();
        Upload upload = shelf.find(id, caller.organization())
                .filter(each -> each.uploader().equals(caller.id()))
                .filter(_ -> shelf.remove(id, AuditTrail.Editor.of(caller)))
                .orElseThrow(() -> taken(caller, id));
        blobs.delete(List.of(id), upload.slice());
        return upload;
    }

    /** Why nothing can be done with a file that does not wait, for those who may know that there is such a file. */
    private Refused taken(Caller caller, UUID id) {
        reading.look(caller, holder(caller, id));
        return Failure.FORBIDDEN.refused("A message has this file, and ends it.");
    }

    /**
     * Lets a message have files: they are where the message's files are when this returns.
     *
     * @param requestId the sender's idempotency key, or empty text
     * @param message what the message will be called, unless the claim tells another name
     * @throws Refused with {@code ATTACHMENT_UNAVAILABLE}, also if there are too many or one is named twice
     */
    Shelf.Claim claim(Caller caller, List<UUID> uploads, String requestId, MessageId message) {
        checkNames(uploads);
        Shelf.Claim claim =
                shelf.claim(uploads, caller.organization(), new Shelf.Request(caller.id(), requestId), message);
        try {
            for (Upload upload : claim.uploads()) {
                if (!blobs.share(upload.attachment().blob(), upload.slice(), claim.message().slice().orElseThrow())) {
                    throw Failure.ATTACHMENT_UNAVAILABLE.refused();
                }
            }
            return claim;
        } catch (Refused refused) {
            release(claim);
            throw refused;
        }
    }

    /** Ends a claim whose message was stored. */
    void settle(Shelf.Claim claim, Message stored) {
        List<UUID> files = stored.content().attachments().isEmpty()
                // It is gone already.
                ? claim.uploads().stream().map(upload -> upload.attachment().blob()).toList()
                : stored.content().attachments().stream().map(Attachment::blob).toList();
        try {
            shelf.settle(claim, files);
        } catch (Refused _) {
            // The message is sent: what is left to do is done by whoever looks after the shelf.
        }
    }

    /** Ends a claim whose message was refused. */
    void release(Shelf.Claim claim) {
        try {
            shelf.release(claim);
        } catch (Refused _) {
            // It waits on a little later, when whoever looks after the shelf finds it.
        }
    }
}
