package ephemera.core.talk;

import ephemera.core.Failure;
import ephemera.core.Refused;
import ephemera.core.directory.Caller;
import ephemera.core.vault.Blobs;
import ephemera.core.vault.Slice;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The files of a message on its way: before the message is stored they are put to where it will end, and afterwards it
 * is told by its fate whose they are. A message without files costs nothing here. Thread-safe.
 */
final class Enclosures {

    private final Uploads uploads;
    private final Blobs blobs;

    Enclosures(Uploads uploads, Blobs blobs) {
        this.uploads = uploads;
        this.blobs = blobs;
    }

    /**
     * A message whose files are in their place.
     *
     * @param id what it has to be called
     * @param content what it says, with all files
     * @param own the files that came with it
     * @param claim what it has of files that waited
     */
    record Packed(MessageId id, Content content, List<UUID> own, Optional<Shelf.Claim> claim) {

        private Slice slice() {
            return id.slice().orElseThrow();
        }
    }

    /**
     * Puts the files of a message into their place.
     *
     * @param content what it says, with the files that came with it
     * @param waiting the ids of files that waited for it
     * @param wanted what it is to be called
     * @throws Refused if one cannot be had: the files that came with it are where they were then
     */
    Packed pack(Caller caller, Content content, List<UUID> waiting, String requestId, MessageId wanted) {
        if (waiting.isEmpty()) {
            return kept(new Packed(wanted, content, files(content), Optional.empty()));
        }
        Shelf.Claim claim = uploads.claim(caller, waiting, requestId, wanted);
        List<Attachment> claimed = claim.uploads().stream().map(Upload::attachment).toList();
        try {
            return kept(new Packed(claim.message(), content.with(claimed), files(content), Optional.of(claim)));
        } catch (Refused refused) {
            uploads.release(claim);
            throw refused;
        }
    }

    private Packed kept(Packed packed) {
        if (!packed.own().isEmpty()) {
            blobs.keep(packed.own(), packed.slice());
        }
        return packed;
    }

    /** Has a message stored, and sees to its files as it turns out; if that is unknown, they stay. */
    Journal.Appended deliver(Packed packed, Supplier<Journal.Appended> storing) {
        try {
            Journal.Appended appended = storing.get();
            delivered(packed, appended);
            return appended;
        } catch (Refused refused) {
            if (refused.failure() != Failure.UNAVAILABLE) {
                giveBack(packed);
            }
            throw refused;
        }
    }

    /** Sees to the files of a message that was stored now, or before. */
    void delivered(Packed packed, Journal.Appended appended) {
        if (appended.repeated() && !packed.own().isEmpty()) {
            // The first one has its own files.
            blobs.delete(packed.own(), packed.slice());
        }
        packed.claim().ifPresent(claim -> uploads.settle(claim, appended.message()));
    }

    /** Undoes what was done for a message that is not stored. */
    void giveBack(Packed packed) {
        if (!packed.own().isEmpty()) {
            blobs.delete(packed.own(), packed.slice());
        }
        packed.claim().ifPresent(uploads::release);
    }

    /** Copies of a message's files, to be kept with another one; all or none. */
    List<Attachment> copies(Message message) {
        List<Attachment> copies = new ArrayList<>(message.content().attachments().size());
        try {
            for (Attachment attachment : message.content().attachments()) {
                copies.add(copy(attachment, message.slice()));
            }
            return List.copyOf(copies);
        } catch (RuntimeException e) {
            blobs.discard(copies.stream().map(Attachment::blob).toList());
            throw e;
        }
    }

    private Attachment copy(Attachment attachment, Slice slice) {
        try (InputStream content =
                blobs.open(attachment.blob(), attachment.key(), slice).orElseThrow(Failure.NOT_FOUND::refused)) {
            Blobs.Stored stored = blobs.put(content, Long.MAX_VALUE);
            return new Attachment(stored.id(), stored.key(), attachment.name(), attachment.type(), stored.size());
        } catch (IOException e) {
            throw new UncheckedIOException("copying an attachment failed", e);
        }
    }

    /** Removes files that came with a message which nobody keeps. */
    void discard(Content content) {
        if (!content.attachments().isEmpty()) {
            blobs.discard(files(content));
        }
    }

    private static List<UUID> files(Content content) {
        return content.attachments().stream().map(Attachment::blob).toList();
    }
}
