/**
 * Conversations: sending, forwarding, recalling, reading, groups, rosters.
 *
 * <p>Invariants: whoever acts is a member of the conversation or is refused; what is acknowledged is on disk; every
 * durable change has a {@link ephemera.core.talk.Position}, and positions become readable in their order; no read
 * serves a message at or after its expiry, judged by the database's clock. Authorisation uses snapshots of
 * conversations that the {@link ephemera.core.talk.Rooms} port keeps fresh, so that a send needs one round trip to the
 * disk and no other.
 */
package ephemera.core.talk;
