/**
 * Calling webhooks: who may be called, how it is signed, and one attempt of calling.
 *
 * <p>Invariants: a name is looked up once for an attempt, each of its addresses is judged, and the connection goes to
 * an address that was judged and nowhere else; nobody is followed elsewhere; an attempt ends within its time whatever
 * the other side does.
 *
 * <p>Plain blocking sockets, one connection for each attempt: neither the JDK's HTTP client nor its older sibling
 * connects to a given address while it asks for a name in TLS and in the request, and Vert.x stays at the edge.
 */
package ephemera.server.channel.webhook;
