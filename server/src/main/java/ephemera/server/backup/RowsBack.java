package ephemera.server.backup;

import ephemera.core.vault.Epoch;
import ephemera.core.vault.KeyId;
import ephemera.server.StartFailure;
import ephemera.server.store.CopiedTable;
import ephemera.server.store.Database;
import ephemera.server.store.Restoration;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Puts the rows of an archive into an empty database: all in one transaction, the dead left out. For one thread. */
final class RowsBack {

    private final ArchiveReader archive;
    private final Manifest manifest;
    private final Predicate<KeyId> keys;

    /**
     * Makes the way back.
     *
     * @param keys whether a key is there
     */
    RowsBack(ArchiveReader archive, Manifest manifest, Predicate<KeyId> keys) {
        this.archive = archive;
        this.manifest = manifest;
        this.keys = keys;
    }

    /**
     * What became of the messages.
     *
     * @param living how many are there with what they say
     * @param expired how many were left out since their time was over
     * @param keyless how many were left out since their keys are gone
     */
    record Counts(long living, long expired, long keyless) {}

    /** Puts the rows back, unless an earlier attempt did. */
    Counts into(Database database) throws IOException {
        if (Restoration.isUsed(database)) {
            try (Restoration restoration = Restoration.begin(database)) {
                return new Counts(restoration.living(), 0, 0);
            }
        }
        database.migrateTo(manifest.facts().schema());
        try (Restoration restoration = Restoration.begin(database)) {
            requireSameTables(restoration);
            List<Epoch> living = new ArrayList<>();
            for (Epoch epoch : manifest.facts().epochs()) {
                // Those that are over are opened too, and closed like all others: with a record of their end.
                restoration.open(epoch);
                if (!restoration.isOver(epoch)) {
                    living.add(epoch);
                }
            }
            for (CopiedTable table : manifest.tables().keySet()) {
                copy(restoration, table, living);
            }
            restoration.goOn(manifest.facts().generation(), manifest.facts().head());
            long expired = restoration.removeExpired();
            long keyless = restoration.removeWithout(keys);
            Counts counts = new Counts(restoration.living(), expired, keyless);
            restoration.commit();
            return counts;
        }
    }

    private void requireSameTables(Restoration restoration) {
        for (Map.Entry<CopiedTable, Manifest.Rows> table : manifest.tables().entrySet()) {
            String columns = restoration.columns(table.getKey());
            if (!columns.equals(table.getValue().columns())) {
                throw new StartFailure("The table " + table.getKey().table() + " of the database is not that of the"
                        + " backup, which has the columns " + table.getValue().columns()
                        + ": restore into an empty database.");
            }
        }
    }

    private void copy(Restoration restoration, CopiedTable table, List<Epoch> living) throws IOException {
        if (!table.isParted()) {
            copy(restoration, table, Backup.rowsOf(table));
            return;
        }
        for (Epoch epoch : living) {
            copy(restoration, table, Backup.rowsOf(table, epoch));
        }
    }

    private void copy(Restoration restoration, CopiedTable table, String name) throws IOException {
        Optional<InputStream> rows = archive.entry(name);
        // A partition that was dropped while the backup was made has no bytes at all.
        if (rows.isPresent()) {
            try (InputStream in = rows.get()) {
                in.mark(1);
                if (in.read() >= 0) {
                    in.reset();
                    restoration.copy(table, in);
                }
            }
        }
    }
}
