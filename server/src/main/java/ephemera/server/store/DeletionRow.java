package ephemera.server.store;

import ephemera.core.vault.DayRoot;
import ephemera.core.vault.Deletion;
import ephemera.core.vault.Digest;
import ephemera.core.vault.SignatureText;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.Optional;

/** How the deletion record is read from rows. */
final class DeletionRow {

    /** The columns that {@link #read} wants. */
    static final String COLUMNS =
            """
            sequence, kind, organization, subject, reason, key, decided_at, destroyed_at, recorded_at, previous, hash,
            signature
            """;

    /** The columns that {@link #readDay} wants. */
    static final String DAY_COLUMNS = "day, first, last, root, signature";

    private DeletionRow() {}

    /**
     * An entry as it is stored, which need not be as it should.
     *
     * @param hash the one that is stored
     * @param signature of the last entry of a transaction
     */
    record Stored(Deletion entry, Digest hash, Optional<SignatureText> signature) {}

    /** A signed day as it is stored. */
    record StoredDay(DayRoot root, SignatureText signature) {}

    /**
     * The entry of the current row.
     *
     * @throws IllegalArgumentException if a value is none that an entry can have
     */
    static Stored read(ResultSet row) throws SQLException {
        Deletion.Draft draft = new Deletion.Draft(
                Deletion.Kind.valueOf(row.getString("kind")),
                row.getString("organization"),
                row.getString("subject"),
                Deletion.Reason.valueOf(row.getString("reason")),
                row.getString("key"),
                MessageRow.instant(row, "decided_at"),
                MessageRow.instant(row, "destroyed_at"));
        return new Stored(
                new Deletion(
                        row.getLong("sequence"),
                        draft,
                        MessageRow.instant(row, "recorded_at"),
                        Digest.of(row.getBytes("previous"))),
                Digest.of(row.getBytes("hash")),
                Optional.ofNullable(row.getBytes("signature")).map(SignatureText::of));
    }

    /**
     * The day of the current row.
     *
     * @throws IllegalArgumentException if a value is none that a day can have
     */
    static StoredDay readDay(ResultSet row) throws SQLException {
        return new StoredDay(
                new DayRoot(
                        row.getObject("day", LocalDate.class),
                        row.getLong("first"),
                        row.getLong("last"),
                        Digest.of(row.getBytes("root")),
                        true),
                SignatureText.of(row.getBytes("signature")));
    }
}
