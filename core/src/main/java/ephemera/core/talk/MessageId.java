package ephemera.core.talk;

import ephemera.core.Ids;
import ephemera.core.vault.Slice;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * The token of a message.
 *
 * @param value the UUID on the wire
 */
public record MessageId(UUID value) {

    /** The token in that text; empty if the text is not a UUID. */
    public static Optional<MessageId> parse(String text) {
        return Ids.parse(text).map(MessageId::new);
    }

    /** A new token for a message whose keys end with that slice. */
    public static MessageId next(Ids ids, Slice slice) {
        return new MessageId(ids.carrying(slice.code()));
    }

    /** The slice with which its keys end at the latest, which every token carries; empty if it is none of ours. */
    public Optional<Slice> slice() {
        return Slice.ofCode(Ids.carried(value));
    }

    /** When it was made, to the millisecond, by the clock of the server that made it. */
    public Instant sentAbout() {
        return Instant.ofEpochMilli(value.getMostSignificantBits() >>> 16);
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
