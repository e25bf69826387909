/**
 * Where content rests until it is gone.
 *
 * <p>Invariant: what is handed out by a port of this package is on disk when the call returns, and unreadable for ever
 * once its deletion returned.
 */
package ephemera.core.vault;
