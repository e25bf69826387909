/**
 * Who there is: organizations, people, their addresses, credentials and metadata.
 *
 * <p>Invariant: a person belongs to exactly one organization, and no lookup ever crosses from one organization into
 * another: somebody else's object is answered like a missing one.
 */
package ephemera.core.directory;
