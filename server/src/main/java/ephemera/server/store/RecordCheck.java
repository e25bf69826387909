package ephemera.server.store;

import ephemera.core.vault.DayRoot;
import ephemera.core.vault.Deletion;
import ephemera.core.vault.Digest;
import ephemera.core.vault.MerkleTree;
import ephemera.core.vault.SignatureKey;
import ephemera.server.store.DeletionRow.Stored;
import ephemera.server.store.DeletionRow.StoredDay;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.ResultIterator;

/**
 * A walk over the whole deletion record that stops where it first contradicts itself.
 *
 * <p>It finds every entry that was changed, left out or put in between by somebody without the signing key, and every
 * signature that is not of that key. What it cannot find alone is that the newest entries were cut off together with
 * the head: a proof or the head of an earlier check, kept elsewhere, shows that. One signature takes a fifth of a
 * millisecond. It sees the record as it was when it began, and hinders nobody. For one thread.
 */
public final class RecordCheck {

    private final Database database;
    private final SignatureKey signer;

    /** What a walk found. */
    public sealed interface Finding {

        /**
         * The record is whole.
         *
         * @param entries how many there are
         * @param days how many days are signed
         * @param head the hash of the newest entry
         */
        record Whole(long entries, long days, Digest head) implements Finding {}

        /**
         * The record is broken.
         *
         * @param where the first break, as a sentence
         */
        record Broken(String where) implements Finding {}
    }

    /** Ends a walk at the first break. */
    private static final class Break extends RuntimeException {

        private Break(String where) {
            super(where, null, false, false);
        }
    }

    RecordCheck(Database database, SignatureKey signer) {
        this.database = database;
        this.signer = signer;
    }

    Finding run() {
        try {
            return database.change(handle -> {
                handle.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
                Head head = head(handle);
                entries(handle, head);
                return new Finding.Whole(head.sequence(), days(handle, head), head.hash());
            });
        } catch (Break found) {
            return new Finding.Broken(String.valueOf(found.getMessage()));
        }
    }

    private record Head(long sequence, Digest hash) {}

    private static Head head(Handle handle) {
        return handle.createQuery("SELECT sequence, hash FROM deletion_head")
                .map((row, _) -> new Head(row.getLong("sequence"), Digest.of(row.getBytes("hash"))))
                .findOne()
                .orElseThrow(() -> new Break("The head of the record is missing."));
    }

    private void entries(Handle handle, Head head) {
        long sequence = 0;
        Digest previous = Digest.ZERO;
        Instant recordedAt = Instant.EPOCH;
        boolean signed = true;
        try (ResultIterator<Stored> all = handle.createQuery(
                "SELECT " + DeletionRow.COLUMNS + " FROM deletion WHERE sequence <= :head ORDER BY sequence")
                .bind("head", head.sequence())
                .setFetchSize(DeletionRecord.AT_ONCE)
                .map((row, _) -> stored(row))
                .iterator()) {
            while (all.hasNext()) {
                Stored stored = all.next();
                Deletion entry = stored.entry();
                sequence++;
                require(entry.sequence() == sequence, "Entry %d is missing.", sequence);
                require(entry.previous().equals(previous), "Entry %d does not follow the one before it.", sequence);
                require(stored.hash().equals(entry.hash()), "Entry %d is not what its hash was made of.", sequence);
                require(!entry.recordedAt().isBefore(recordedAt), "Entry %d is older than the one before it.",
                        sequence);
                require(isSigned(stored), "The signature of entry %d is not that of this server's key.", sequence);
                previous = stored.hash();
                recordedAt = entry.recordedAt();
                signed = stored.signature().isPresent();
            }
        }
        require(sequence == head.sequence(), "Entry %d is missing.", sequence + 1);
        require(previous.equals(head.hash()), "The head of the record is not the hash of entry %d.", sequence);
        require(signed, "The newest entry, %d, is not signed.", sequence);
    }

    private boolean isSigned(Stored stored) {
        return stored.signature()
                .map(signature -> signer.verifies(stored.entry().chainStatement(), signature))
                .orElse(true);
    }

    private static Stored stored(ResultSet row) throws SQLException {
        long sequence = row.getLong("sequence");
        try {
            return DeletionRow.read(row);
        } catch (IllegalArgumentException _) {
            throw new Break("Entry %d has a value that no entry can have.".formatted(sequence));
        }
    }

    private long days(Handle handle, Head head) {
        List<StoredDay> days = handle.createQuery(
                "SELECT " + DeletionRow.DAY_COLUMNS + " FROM deletion_day ORDER BY first")
                .map((row, _) -> day(row))
                .list();
        long last = 0;
        for (StoredDay day : days) {
            DayRoot root = day.root();
            require(root.first() == last + 1 && root.last() <= head.sequence() && fits(handle, root),
                    "The day %s does not have the entries of that day.", root.day());
            require(root.root().equals(root(handle, root)), "The root of %s is not that of its entries.", root.day());
            require(signer.verifies(root.statement(), day.signature()),
                    "The signature of %s is not that of this server's key.", root.day());
            last = root.last();
        }
        return days.size();
    }

    private static StoredDay day(ResultSet row) throws SQLException {
        String day = row.getString("day");
        try {
            return DeletionRow.readDay(row);
        } catch (IllegalArgumentException _) {
            throw new Break("The day %s has a value that no day can have.".formatted(day));
        }
    }

    /** Whether the first and the last entry are of that day, and the next one is not; times never go back. */
    private static boolean fits(Handle handle, DayRoot root) {
        return date(handle, root.first()).equals(Optional.of(root.day()))
                && date(handle, root.last()).equals(Optional.of(root.day()))
                && !date(handle, root.last() + 1).equals(Optional.of(root.day()));
    }

    private static Optional<LocalDate> date(Handle handle, long sequence) {
        return handle.createQuery("SELECT " + DeletionRow.COLUMNS + " FROM deletion WHERE sequence = :sequence")
                .bind("sequence", sequence)
                .map((row, _) -> stored(row).entry().day())
                .findOne();
    }

    private static Digest root(Handle handle, DayRoot root) {
        // None of them is missing: they have been walked.
        return DeletionRecord.overHashes(
                handle, root.first(), root.last(), hashes -> MerkleTree.root(hashes, root.size()));
    }

    private static void require(boolean holds, String otherwise, Object where) {
        if (!holds) {
            throw new Break(otherwise.formatted(where));
        }
    }
}
