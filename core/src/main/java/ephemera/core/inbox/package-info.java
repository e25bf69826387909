/**
 * What people's streams are told: replay of what was not acknowledged, the mark "caught up", then live, without gap or
 * repeat.
 *
 * <p>Invariants: the log (the database) is the truth and the bus only a hint. A stream writes events in the order of
 * their positions, each at most once. It is either live, and then gets entries as they are published, or it reads the
 * log; it becomes live only when the log held nothing that had been published meanwhile. A stream whose reader is slow
 * leaves the live state and reads the log again when there is room, so that nobody's slowness costs memory.
 *
 * <p>Concurrency: entries are published by one thread in the order of their positions; each stream has a lock of its
 * own, held only to hand an event to its sink, never while reading the log.
 */
package ephemera.core.inbox;
