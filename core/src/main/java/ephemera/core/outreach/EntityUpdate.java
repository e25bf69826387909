package ephemera.core.outreach;

import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import java.time.Instant;
import java.util.UUID;

/**
 * That something was made, changed or taken back; what it says is not part of this.
 *
 * @param organization where
 * @param kind of what was changed
 * @param entity the id of what was changed, unique among its kind
 * @param editor who did it
 * @param at when, by the database's clock
 */
public record EntityUpdate(OrganizationId organization, Kind kind, UUID entity, PersonId editor, Instant at) {

    /** What can change. */
    public enum Kind {
        MESSAGE,
        CONVERSATION
    }
}
