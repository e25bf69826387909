package ephemera.core.directory;

/**
 * A slow, salted hash of passwords (a port; Argon2id in the product).
 *
 * <p>Thread-safe; callers may wait, since only a few hashes are computed at once.
 */
public interface Passwords {

    /** The longest password, in characters: longer ones would only burn time. */
    int LONGEST = 1_000;

    /** The hash of a password with a fresh salt, in a form that names its parameters. */
    String hash(String password);

    /** Whether the password has that hash; takes the same time for every wrong one. */
    boolean matches(String password, String hash);
}
