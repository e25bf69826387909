/**
 * A black-box client of the TigerConnect v2 door that asks and judges as the published clients do.
 *
 * <p>Invariant: it knows the product only by its wire contract. A request carries the headers and the body form that a
 * published client sends (which one, each method says); a reply is handed over as it came, status, headers and JSON
 * tree, and is judged by the caller. The event stream is the exception: whatever would make the published JS client
 * give a stream up ends {@link ephemera.acceptance.client.EventStream} too, with the reason.
 *
 * <p>Everything is thread-safe and blocks; use virtual threads for many at once.
 */
package ephemera.acceptance.client;
