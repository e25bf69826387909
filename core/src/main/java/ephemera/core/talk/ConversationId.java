package ephemera.core.talk;

import ephemera.core.Ids;
import ephemera.core.directory.PersonId;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;

/**
 * The token of a conversation: for a group the token of the group, for two people derived from their tokens.
 *
 * @param value the UUID
 */
public record ConversationId(UUID value) {

    /** The token in that text; empty if the text is not a UUID. */
    public static Optional<ConversationId> parse(String text) {
        return Ids.parse(text).map(ConversationId::new);
    }

    /** The one conversation between two people, the same whoever begins; a person may also talk to themself. */
    public static ConversationId between(PersonId one, PersonId other) {
        UUID first = one.value().compareTo(other.value()) <= 0 ? one.value() : other.value();
        UUID second = first.equals(one.value()) ? other.value() : one.value();
        byte[] names = ByteBuffer.allocate(32)
                .putLong(first.getMostSignificantBits())
                .putLong(first.getLeastSignificantBits())
                .putLong(second.getMostSignificantBits())
                .putLong(second.getLeastSignificantBits())
                .array();
        return new ConversationId(UUID.nameUUIDFromBytes(names));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
