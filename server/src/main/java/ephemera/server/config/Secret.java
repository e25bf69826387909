package ephemera.server.config;

import java.security.MessageDigest;

/**
 * A text that must never be shown: it prints as {@code ***} and compares in constant time.
 *
 * <p>Immutable and safe for use by several threads. The text stays in memory as long as this object does.
 */
public final class Secret {

    private final String text;

    /** Wraps a text, which is kept exactly as it is, white space included. */
    public Secret(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("a secret is never empty");
        }
        this.text = text;
    }

    /** Returns the text itself, for the one place that hands it to a library. */
    public String reveal() {
        return text;
    }

    /** Tells whether a candidate is this secret, in a time that depends on the candidate's length only. */
    public boolean matches(String candidate) {
        return MessageDigest.isEqual(bytes(candidate), bytes(text));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && matches(secret.text);
    }

    /** Returns the same number for every secret, so that a hash never tells secrets apart. */
    @Override
    public int hashCode() {
        return Secret.class.hashCode();
    }

    @Override
    public String toString() {
        return "***";
    }

    // A charset would turn every lone surrogate into the same "?", and two different texts would compare equal.
    private static byte[] bytes(String text) {
        byte[] bytes = new byte[text.length() * 2];
        for (int i = 0; i < text.length(); i++) {
            bytes[2 * i] = (byte) (text.charAt(i) >> 8);
            bytes[2 * i + 1] = (byte) text.charAt(i);
        }
        return bytes;
    }
}
