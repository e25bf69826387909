package ephemera.server.keys;

import java.util.Arrays;
import java.util.Base64;

/** Root keys for tests. */
final class Roots {

    static final RootKey ONE = root(1);
    static final RootKey OTHER = root(2);

    private Roots() {}

    private static RootKey root(int value) {
        return RootKey.ofEnvironment("TEST", text(value));
    }

    /** The text of a file with the key of that number. */
    static String text(int value) {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) value);
        return Base64.getEncoder().encodeToString(key);
    }
}
