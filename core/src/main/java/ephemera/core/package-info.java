/**
 * The ground floor: what every room of the core stands on.
 *
 * <p>Invariant: nothing here knows any other package. A refusal is always one entry of {@link ephemera.core.Failure}, a
 * bound always one component of {@link ephemera.core.Limits}.
 */
package ephemera.core;
