package ephemera.core.talk;

/**
 * A piece of structured data that travels with a message and means something to programs only.
 *
 * @param mimetype the type of the payload
 * @param namespace whose data it is
 * @param payload the data as text
 */
public record Datum(String mimetype, String namespace, String payload) {

    /** The size that counts against the limit of a message, in characters. */
    public int length() {
        return mimetype.length() + namespace.length() + payload.length();
    }
}
