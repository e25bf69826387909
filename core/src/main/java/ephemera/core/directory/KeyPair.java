package ephemera.core.directory;

/**
 * A freshly made key with its secret: the only time that the secret is known.
 *
 * @param key the public half
 * @param secret the secret half; never logged, never stored
 * @param resource the device or session that it belongs to
 */
public record KeyPair(String key, String secret, String resource) {

    @Override
    public String toString() {
        return "KeyPair[" + key + ", ***]";
    }
}
