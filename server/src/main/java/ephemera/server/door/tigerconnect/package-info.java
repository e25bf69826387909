/**
 * The TigerConnect v2 door: REST and Server-Sent Events as the vendor's published clients speak them.
 *
 * <p>Invariant: this package translates and decides nothing. Every shape follows {@code tigerconnect-v2.md}, the
 * contract, whose sections the comments name; what a caller may do is the core's business.
 */
package ephemera.server.door.tigerconnect;
