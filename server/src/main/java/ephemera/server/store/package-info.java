/**
 * The ports of the core on PostgreSQL: one class per aggregate, SQL in text blocks.
 *
 * <p>Invariants: a change of talk is written by {@link ephemera.server.store.JournalWriter} alone, which holds the lock
 * of the journal's row from numbering to commit; every read of content has {@code expires_at > now()} in its own
 * statement; whatever is cached is dropped by a notification that the changing transaction sends, so that other
 * processes (nodes, the command line) are heard too.
 */
package ephemera.server.store;
