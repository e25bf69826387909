/**
 * Channels: ways out to people and programs that have no stream.
 *
 * <p>Invariants: what leaves is queued in the transaction of the change that it tells of, and leaves at least once; a
 * queue holds who and what changed, never what a message says: that is looked up at the moment of sending, so that
 * nothing leaves after a message's end.
 */
package ephemera.core.outreach;
