/**
 * The server as a whole: what is made in which order, and what is closed in which.
 *
 * <p>Invariant: {@link ephemera.server.Server} is the only place that knows all the parts, and it decides nothing.
 */
package ephemera.server;
