package ephemera.server.keys;

import ephemera.core.vault.Slice;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A place in a key store. */
sealed interface Slot {

    /** The place of a tree. */
    record Tree(Slice slice, long number) implements Slot {}

    /** The place of a secret; its name is of {@code a-z}, {@code 0-9} and {@code -}. */
    record Secret(String name) implements Slot {

        public Secret {
            if (!name.matches("[a-z0-9-]{1,40}")) {
                throw new IllegalArgumentException("a secret has a name of 1 to 40 of a-z, 0-9 and -");
            }
        }
    }

    /** What the content of this place is bound to. */
    default byte[] bytes() {
        return switch (this) {
            case Tree(Slice slice, long number) -> ByteBuffer.allocate(1 + 2 * Long.BYTES)
                    .put((byte) 't')
                    .putLong(slice.code())
                    .putLong(number)
                    .array();
            case Secret(String name) -> ("s" + name).getBytes(StandardCharsets.US_ASCII);
        };
    }
}
