package ephemera.server.store;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.Outgoing;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.UUID;

/** By what a request is recognised when it is repeated: who asks and with which id, as a digest. Stateless. */
final class RequestKey {

    private RequestKey() {}

    /** The key of a message's request; empty if it is not meant to be repeated. */
    static Optional<UUID> of(Outgoing outgoing) {
        return of(outgoing.sender(), outgoing.traits().requestId());
    }

    /** The key of a sender's request; empty if it has no id, and so is not meant to be repeated. */
    static Optional<UUID> of(PersonId sender, String requestId) {
        if (requestId.isEmpty()) {
            return Optional.empty();
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(sender.toString().getBytes(StandardCharsets.US_ASCII));
            ByteBuffer bytes = ByteBuffer.wrap(digest.digest(requestId.getBytes(StandardCharsets.UTF_8)));
            return Optional.of(new UUID(bytes.getLong(), bytes.getLong()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
