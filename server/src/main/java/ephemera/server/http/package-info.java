/**
 * HTTP: routes, credentials, parameters, replies, event streams.
 *
 * <p>Invariants: an event loop never waits; handlers are plain blocking code, each on a virtual thread of its own.
 * Whatever a client sends is answered with an entry of the {@link ephemera.core.Failure} catalogue or a success, and
 * never kept whole in memory beyond the configured bounds. Vert.x stays inside this package, except for the buffers
 * that event dialects are rendered to.
 */
package ephemera.server.http;
