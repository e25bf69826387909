package ephemera.server.http;

/** Who may call a route. */
public enum Access {
    /** Anybody. */
    PUBLIC,
    /** Whoever shows a key and secret. */
    SIGNED_IN,
    /** Like {@link #SIGNED_IN}; the key and secret may also stand in the query, for browsers' event streams. */
    SIGNED_IN_BY_QUERY,
    /** Whoever shows an access token of an application. What a token opens, nothing else does, and the reverse. */
    TOKEN
}
