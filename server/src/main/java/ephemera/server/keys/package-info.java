/**
 * The ports of the core for keys: in a folder of its own, or in a PostgreSQL of its own, apart from what the keys open.
 *
 * <p>Invariants: nothing is stored that is not sealed with the root key and bound to its place; a version that was
 * replaced or destroyed is overwritten before anybody is told so; several processes may use one store at once, and none
 * of them brings back what another one took out.
 */
package ephemera.server.keys;
