package ephemera.core.talk;

import ephemera.core.Failure;
import ephemera.core.Limits;
import ephemera.core.Refused;
import ephemera.core.directory.Caller;
import ephemera.core.vault.Blobs;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * The use cases on messages that were sent: read, acknowledge receipt, recall.
 *
 * <p>Reading never advances the life of a message; only {@link #mark} and {@link #recall} do. Thread-safe.
 */
public final class Reading {

    private final Archive archive;
    private final Journal journal;
    private final Blobs blobs;
    private final Limits limits;

    /** Makes the use cases over those ports. */
    public Reading(Archive archive, Journal journal, Blobs blobs, Limits limits) {
        this.archive = archive;
        this.journal = journal;
        this.blobs = blobs;
        this.limits = limits;
    }

    /**
     * The message with that token, for its reader: a recipient of a strict message reads it hereby, and cannot do so
     * again. Of several who ask at the same time for one recipient one is answered. A caller who may change nothing is
     * shown it without what it says, as in a list.
     *
     * @throws Refused with {@code NOT_FOUND} if it is unknown or gone, {@code NOT_A_MEMBER} if the caller is not party
     *     to it
     */
    public Message message(Caller caller, MessageId id) {
        Message message = look(caller, id);
        if (!message.mustBeClaimedBy(caller.id())) {
            return message;
        }
        if (!caller.mayWrite()) {
            return message.withheld();
        }
        if (!journal.claim(caller.id(), message)) {
            throw Failure.NOT_FOUND.refused();
        }
        return message;
    }

    /** The message with that token, without reading it in the recipient's name; fails like {@link #message}. */
    public Message look(Caller caller, MessageId id) {
        return visible(archive.message(id, caller.organization(), caller.id()));
    }

    private static Message visible(Archive.Found found) {
        return switch (found) {
            case Archive.Found.Visible(Message message) -> message;
            case Archive.Found.Hidden() -> throw Failure.NOT_A_MEMBER.refused();
            case Archive.Found.Missing() -> throw Failure.NOT_FOUND.refused();
        };
    }

    /**
     * How far a message has come, as its viewer is shown it: a reader's own state; for the sender the state that every
     * recipient has reached. One that ended with this reading is read.
     */
    public ReceiptStatus status(Caller caller, Message message) {
        if (message.mustBeClaimedBy(caller.id())) {
            return ReceiptStatus.READ;
        }
        Collection<Receipt> receipts = receipts(caller, message.id()).receipts();
        return receipts.stream()
                .filter(receipt -> receipt.reader().equals(caller.id()))
                .findFirst()
                .or(() -> receipts.stream().min((one, other) -> one.status().compareTo(other.status())))
                .map(Receipt::status)
                .orElse(ReceiptStatus.NEW);
    }

    /**
     * The receipts of a message.
     *
     * @throws Refused like {@link #message}, except that a recalled message still tells that it was recalled
     */
    public Archive.Receipts receipts(Caller caller, MessageId id) {
        return Optional.ofNullable(receipts(caller, List.of(id)).get(id))
                .orElseThrow(() -> switch (archive.message(id, caller.organization(), caller.id())) {
                    case Archive.Found.Hidden() -> Failure.NOT_A_MEMBER.refused();
                    case Archive.Found.Visible _, Archive.Found.Missing() -> Failure.NOT_FOUND.refused();
                });
    }

    /** The receipts of several messages; those that the caller may not see are left out. */
    public Map<MessageId, Archive.Receipts> receipts(Caller caller, Collection<MessageId> ids) {
        requireFew(ids.size());
        return archive.receipts(ids, caller.organization(), caller.id());
    }

    /**
     * An attachment of a message; the reader closes the stream. That of a strict message can be had during the minute
     * that begins with reading the message, or with this call.
     *
     * @param number its place among the message's attachments, from 1
     * @throws Refused like {@link #message}, with {@code NOT_FOUND} if the message has none in that place, and with
     *     {@code INSUFFICIENT_SCOPE} if this would be the reading of it and the caller may change nothing
     */
    public Opened attachment(Caller caller, MessageId id, int number) {
        Attached attached = attached(
                caller,
                id,
                files -> number < 1 ? Optional.empty() : files.stream().skip(number - 1L).findFirst());
        Message message = attached.message();
        Attachment attachment = attached.attachment();
        try {
            return new Opened(attachment, blobs.open(attachment.blob(), attachment.key(), message.slice())
                    .orElseThrow(Failure.NOT_FOUND::refused));
        } catch (IOException e) {
            throw new UncheckedIOException("opening an attachment failed", e);
        }
    }

    /**
     * An attachment of a message.
     *
     * @param message what it is attached to
     */
    record Attached(Message message, Attachment attachment) {}

    /** The attachment of a message with that file; otherwise like {@link #attachment}. */
    Attached attached(Caller caller, MessageId id, UUID file) {
        return attached(caller, id, files -> files.stream().filter(each -> each.blob().equals(file)).findFirst());
    }

    private Attached attached(
            Caller caller, MessageId id, Function<List<Attachment>, Optional<Attachment>> which) {
        Message message = visible(archive.attached(id, caller.organization(), caller.id()));
        Attachment attachment =
                which.apply(message.content().attachments()).orElseThrow(Failure.NOT_FOUND::refused);
        if (message.mustBeClaimedBy(caller.id())) {
            caller.requireWrite();
            journal.claim(caller.id(), message);
        }
        return new Attached(message, attachment);
    }

    /**
     * An attachment that is being read.
     *
     * @param attachment what it is
     * @param content its bytes
     */
    public record Opened(Attachment attachment, InputStream content) {}

    /** Moves the caller's receipts forward; ids that mean nothing to the caller are passed over. */
    public void mark(Caller caller, Map<MessageId, ReceiptStatus> statuses) {
        requireFew(statuses.size());
        if (!statuses.isEmpty()) {
            journal.mark(caller.id(), statuses);
        }
    }

    /**
     * Takes a message back from everybody; one that is gone already is no failure for its sender.
     *
     * @throws Refused with {@code NOT_THE_SENDER}, or with {@code NOT_FOUND} if it is unknown
     */
    public void recall(Caller caller, MessageId id) {
        Archive.Found found = archive.message(id, caller.organization(), caller.id());
        if (found instanceof Archive.Found.Visible(Message message)) {
            if (!message.sender().equals(caller.id())) {
                throw Failure.NOT_THE_SENDER.refused();
            }
            // Its file, whose key is gone with what it said, is removed in the next second: somebody may hold it.
            journal.recall(message);
            return;
        }
        if (found instanceof Archive.Found.Hidden) {
            throw Failure.NOT_THE_SENDER.refused();
        }
        Archive.Receipts receipts = receipts(caller, id);
        if (!receipts.recalled()) {
            throw Failure.NOT_FOUND.refused();
        }
        if (!receipts.sender().equals(caller.id())) {
            throw Failure.NOT_THE_SENDER.refused();
        }
    }

    private void requireFew(int count) {
        if (count > limits.idsPerCall()) {
            throw Failure.INVALID.refused("At most " + limits.idsPerCall() + " ids are allowed in one call.");
        }
    }
}
