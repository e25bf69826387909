package ephemera.server.store;

import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.ConversationId;
import ephemera.core.vault.Epoch;
import ephemera.core.vault.Slice;
import ephemera.core.vault.Term;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.UUID;

/**
 * A legal hold: of its target's messages nothing is destroyed that was alive when it was placed, or is sent while it
 * lasts.
 *
 * @param id by which the operator knows it
 * @param number of its slice
 * @param exportedAt when what is held was last written to a file
 * @param destroyedAt when what was held was destroyed, after the release
 */
public record Hold(
        UUID id,
        long number,
        OrganizationId organization,
        Target target,
        Instant placedAt,
        Optional<Instant> exportedAt,
        Optional<Instant> releasedAt,
        Optional<Instant> destroyedAt) {

    /** Whose messages are held. */
    public sealed interface Target {

        /** All that the person wrote or was told while in its conversations. */
        record OfPerson(PersonId person) implements Target {}

        /** All of a conversation. */
        record OfConversation(ConversationId conversation) implements Target {}
    }

    /** The slice whose keys seal what is held. */
    public Slice slice() {
        return slice(number);
    }

    /** Where its files are. */
    Epoch epoch() {
        return new Epoch(Term.HELD, number);
    }

    /** For what the seals of its content are. */
    Sealing.Custody custody() {
        return new Sealing.Custody(id, slice());
    }

    static Slice slice(long number) {
        return new Slice(Term.HELD, number);
    }

    /** The hold of the current row of the table. */
    static Hold read(ResultSet row) throws SQLException {
        Optional<UUID> person = Optional.ofNullable(row.getObject("person_id", UUID.class));
        return new Hold(
                row.getObject("hold_id", UUID.class),
                row.getLong("number"),
                new OrganizationId(row.getString("organization_id")),
                person.isPresent()
                        ? new Target.OfPerson(new PersonId(person.get()))
                        : new Target.OfConversation(
                                new ConversationId(row.getObject("conversation_id", UUID.class))),
                MessageRow.instant(row, "placed_at"),
                instant(row, "exported_at"),
                instant(row, "released_at"),
                instant(row, "destroyed_at"));
    }

    private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }
}
