package ephemera.server.door.tigerconnect;

import ephemera.core.Ids;
import ephemera.core.talk.Position;
import java.util.Optional;
import java.util.UUID;

/**
 * Event ids on the wire: UUIDs (RFC 9562, version 8) that name a position in a generation of the journal.
 *
 * <p>The same event has the same id for all its readers. Ids of another generation, or of other servers, name nothing
 * here.
 *
 * @param generation the generation of the journal
 */
record EventIds(int generation) {

    /** The id of events that may come again and again: advisories and heartbeats (section 4.3). */
    static final String CONTROL = "00000000-0000-0000-0000-000000000001";

    private static final long VERSION_8 = 0x8000L;
    private static final long VARIANT = 0x8000_0000_0000_0000L;

    /** The id of the event at that position. */
    String of(Position position) {
        return new UUID(((long) generation << 32) | VERSION_8, VARIANT | position.value()).toString();
    }

    /** The position that an id names; empty if it names none of this generation. */
    Optional<Position> position(String id) {
        return Ids.parse(id)
                .filter(uuid -> uuid.getMostSignificantBits() == (((long) generation << 32) | VERSION_8))
                .filter(uuid -> uuid.variant() == 2)
                .map(uuid -> uuid.getLeastSignificantBits() & 0x3fff_ffff_ffff_ffffL)
                .map(Position::new);
    }
}
