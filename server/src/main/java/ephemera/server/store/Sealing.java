package ephemera.server.store;

import ephemera.core.directory.OrganizationId;
import ephemera.core.talk.Attachment;
import ephemera.core.talk.Content;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Origin;
import ephemera.core.talk.Outgoing;
import ephemera.core.talk.Upload;
import ephemera.core.vault.BlobKey;
import ephemera.core.vault.KeyId;
import ephemera.core.vault.KeyRing;
import ephemera.core.vault.Seal;
import ephemera.core.vault.Slice;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * How what a message says becomes bytes that only its key can read, and back.
 *
 * <p>Each message has a key of its own, and the seal binds organization, message and purpose: bytes that were moved to
 * another row do not open. Thread-safe.
 */
public final class Sealing {

    private static final byte[] PURPOSE = "message content".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HELD = "held content".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] UPLOAD = "upload".getBytes(StandardCharsets.US_ASCII);
    private static final byte VERSION = 1;
    private static final byte[] NOTHING = {};

    private final KeyRing keys;
    private final Json json;

    /** Seals with those keys. */
    public Sealing(KeyRing keys, Json json) {
        this.keys = keys;
        this.json = json;
    }

    /**
     * What a message says, sealed.
     *
     * @param key which key opens it
     * @param bytes the ciphertext
     */
    record Sealed(KeyId key, byte[] bytes) {}

    /**
     * For which hold something is sealed.
     *
     * @param slice whose keys seal it
     */
    record Custody(UUID hold, Slice slice) {}

    /** What a message says. */
    record Said(Content content, Optional<Origin> origin) {}

    /** Seals what a message says with a key that nothing else is sealed with. */
    Sealed seal(Outgoing outgoing) {
        KeyRing.Issued issued = keys.issue(outgoing.slice());
        byte[] plain = encode(new Said(outgoing.content(), outgoing.origin()));
        return new Sealed(issued.id(),
                Seal.seal(issued.key(), plain, PURPOSE, bytes(outgoing.organization()), bytes(outgoing.id())));
    }

    /** What a message says; empty if its key is destroyed. */
    Optional<Said> open(KeyId key, byte[] sealed, OrganizationId organization, MessageId message) {
        return plain(key, sealed, message, PURPOSE, bytes(organization), bytes(message)).map(this::decode);
    }

    /**
     * Seals what a message says anew, with a key of a hold: so it outlives its own key.
     *
     * @return empty if its own key is destroyed
     */
    Optional<Sealed> hold(KeyId own, byte[] sealed, OrganizationId organization, MessageId message, Custody custody) {
        return plain(own, sealed, message, PURPOSE, bytes(organization), bytes(message))
                .map(plain -> seal(plain, organization, message, custody));
    }

    /**
     * Seals what a hold has of a message for another hold.
     *
     * @return empty if the key of the first one is destroyed
     */
    Optional<Sealed> hand(
            KeyId key, byte[] sealed, OrganizationId organization, MessageId message, Custody from, Custody to) {
        return heldPlain(key, sealed, organization, message, from)
                .map(plain -> seal(plain, organization, message, to));
    }

    /** What a held message says; empty if its key is destroyed. */
    Optional<Said> openHeld(
            KeyId key, byte[] sealed, OrganizationId organization, MessageId message, Custody custody) {
        return heldPlain(key, sealed, organization, message, custody).map(this::decode);
    }

    /** Seals what a waiting file is called and what opens it, with a key of the slice with which it ends. */
    Sealed seal(Upload upload) {
        KeyRing.Issued issued = keys.issue(upload.slice());
        byte[] file = encode(upload.attachment());
        byte[] details = upload.details().getBytes(StandardCharsets.UTF_8);
        byte[] plain = ByteBuffer.allocate(5 + file.length + details.length)
                .put(VERSION).put(file).putInt(details.length).put(details).array();
        return new Sealed(issued.id(), Seal.seal(issued.key(), plain, UPLOAD, bytes(upload.organization()),
                bytes(upload.attachment().blob())));
    }

    /**
     * What a waiting file is.
     *
     * @param details what its uploader says of it
     */
    record Waiting(Attachment attachment, String details) {}

    /** What a waiting file is; empty if its key is destroyed. */
    Optional<Waiting> openUpload(KeyId key, byte[] sealed, OrganizationId organization, UUID upload) {
        return keys.find(key).map(secret -> {
            ByteBuffer bytes = ByteBuffer.wrap(Seal.open(secret, sealed, UPLOAD, bytes(organization), bytes(upload))
                    .orElseThrow(() -> new IllegalStateException(
                            "the upload " + upload + " was changed in the database")));
            if (bytes.get() != VERSION) {
                throw new IllegalStateException("an upload was written by a later release");
            }
            return new Waiting(attachment(bytes), text(bytes));
        });
    }

    private Sealed seal(byte[] plain, OrganizationId organization, MessageId message, Custody custody) {
        KeyRing.Issued issued = keys.issue(custody.slice());
        return new Sealed(issued.id(),
                Seal.seal(issued.key(), plain, HELD, bytes(organization), bytes(message),
                        bytes(custody.hold())));
    }

    private Optional<byte[]> heldPlain(
            KeyId key, byte[] sealed, OrganizationId organization, MessageId message, Custody custody) {
        return plain(key, sealed, message, HELD, bytes(organization), bytes(message), bytes(custody.hold()));
    }

    private Optional<byte[]> plain(KeyId key, byte[] sealed, MessageId message, byte[]... associated) {
        return keys.find(key)
                .map(secret -> Seal.open(secret, sealed, associated)
                        .orElseThrow(() -> new IllegalStateException(
                                "the content of message " + message + " was changed in the database")));
    }

    private static byte[] bytes(OrganizationId organization) {
        return organization.token().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(MessageId message) {
        return bytes(message.value());
    }

    private static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(16).putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits())
                .array();
    }

    private byte[] encode(Said said) {
        Content content = said.content();
        byte[] body = content.body().getBytes(StandardCharsets.UTF_8);
        byte[] data = json.writeData(content.data());
        byte[] origin = said.origin().map(json::writeOrigin).orElse(NOTHING);
        byte[] files = encode(content.attachments());
        ByteBuffer bytes = ByteBuffer.allocate(17 + body.length + data.length + origin.length + files.length);
        bytes.put(VERSION);
        for (byte[] part : new byte[][] {body, data, origin, files}) {
            bytes.putInt(part.length).put(part);
        }
        return bytes.array();
    }

    private Said decode(byte[] plain) {
        ByteBuffer bytes = ByteBuffer.wrap(plain);
        if (bytes.get() != VERSION) {
            throw new IllegalStateException("a message was written by a later release");
        }
        String body = text(bytes);
        byte[] data = part(bytes);
        byte[] origin = part(bytes);
        return new Said(
                new Content(body, json.readData(data), attachments(ByteBuffer.wrap(part(bytes)))),
                origin.length == 0 ? Optional.empty() : Optional.of(json.readOrigin(origin)));
    }

    /** The files one after the other; a single one is what earlier releases wrote, and none is nothing. */
    private static byte[] encode(List<Attachment> attachments) {
        if (attachments.isEmpty()) {
            return NOTHING;
        }
        ByteArrayOutputStream files = new ByteArrayOutputStream();
        attachments.forEach(attachment -> files.writeBytes(encode(attachment)));
        return files.toByteArray();
    }

    private static List<Attachment> attachments(ByteBuffer files) {
        if (!files.hasRemaining()) {
            return List.of();
        }
        List<Attachment> attachments = new ArrayList<>(1);
        while (files.hasRemaining()) {
            attachments.add(attachment(files));
        }
        return List.copyOf(attachments);
    }

    private static byte[] encode(Attachment attachment) {
        byte[] name = attachment.name().getBytes(StandardCharsets.UTF_8);
        byte[] type = attachment.type().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(16 + BlobKey.BYTES + 8 + 8 + name.length + type.length)
                .putLong(attachment.blob().getMostSignificantBits())
                .putLong(attachment.blob().getLeastSignificantBits())
                .put(attachment.key().bytes())
                .putLong(attachment.size())
                .putInt(name.length).put(name)
                .putInt(type.length).put(type)
                .array();
    }

    private static Attachment attachment(ByteBuffer bytes) {
        UUID blob = new UUID(bytes.getLong(), bytes.getLong());
        byte[] key = new byte[BlobKey.BYTES];
        bytes.get(key);
        long size = bytes.getLong();
        return new Attachment(blob, new BlobKey(key), text(bytes), text(bytes), size);
    }

    private static String text(ByteBuffer bytes) {
        return new String(part(bytes), StandardCharsets.UTF_8);
    }

    private static byte[] part(ByteBuffer bytes) {
        byte[] part = new byte[bytes.getInt()];
        bytes.get(part);
        return part;
    }
}
