package ephemera.server.backup;

import ephemera.core.vault.Epoch;
import ephemera.server.StartFailure;
import ephemera.server.store.CopiedTable;
import ephemera.server.store.Database;
import ephemera.server.store.Snapshot;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;

/**
 * Writes all rows and files into one archive, as they are at one instant, while the server goes on. No keys: without
 * those the archive is noise, and what ends after it stays ended.
 *
 * <p>What a file belongs to may end while it is copied: then it is left out. For one thread.
 */
public final class Backup {

    private final Database database;
    private final Folders folders;
    private final InstantSource clock;

    /**
     * Makes backups of that database and the files in that folder.
     *
     * @param files the folder {@code blobs} of the data folder
     */
    public Backup(Database database, Path files, InstantSource clock) {
        this.database = database;
        this.folders = new Folders(files);
        this.clock = clock;
    }

    /**
     * What was written.
     *
     * @param rows in all tables
     * @param files attachments and pictures
     * @param bytes how large the archive is
     */
    public record Written(long rows, long files, long bytes) {}

    /**
     * Writes an archive, with mode 0600; it replaces what is there once it is whole and on disk.
     *
     * @throws StartFailure if it cannot be written, or the database or a file cannot be read; nothing is left then
     */
    public Written write(Path target) {
        if (Files.isDirectory(target)) {
            throw new StartFailure(target + " is a folder: give the name of a file in it.");
        }
        Instant begun = clock.instant();
        try (ArchiveWriter archive = new ArchiveWriter(target);
                Snapshot snapshot = Snapshot.take(database)) {
            Manifest manifest = write(archive, snapshot, begun);
            archive.entry(Manifest.NAME, false).write(manifest.text());
            long rows = manifest.tables().values().stream().mapToLong(Manifest.Rows::count).sum();
            return new Written(rows, manifest.files(), archive.finish());
        } catch (IOException | UncheckedIOException e) {
            throw new StartFailure("The backup " + target + " cannot be written (" + e + "): nothing is left of it.",
                    e);
        }
    }

    private Manifest write(ArchiveWriter archive, Snapshot snapshot, Instant begun) throws IOException {
        Snapshot.Facts facts = snapshot.facts();
        Map<CopiedTable, Manifest.Rows> tables = new EnumMap<>(CopiedTable.class);
        for (CopiedTable table : CopiedTable.values()) {
            long rows = table.isParted() ? parts(archive, snapshot, table) : table(archive, snapshot, table);
            tables.put(table, new Manifest.Rows(rows, snapshot.columns(table)));
        }
        long files = folders.write(Folders.PICTURES, archive.entry(filesOf(Folders.PICTURES), true));
        for (Epoch epoch : facts.epochs()) {
            files += folders.write(Folders.of(epoch), archive.entry(filesOf(Folders.of(epoch)), true));
        }
        for (Epoch epoch : snapshot.held()) {
            files += folders.write(Folders.of(epoch), archive.entry(filesOf(Folders.of(epoch)), true));
        }
        return new Manifest(begun, facts, tables, files);
    }

    private static long table(ArchiveWriter archive, Snapshot snapshot, CopiedTable table) throws IOException {
        OutputStream out = archive.entry(rowsOf(table), false);
        return snapshot.copy(table, out);
    }

    private static long parts(ArchiveWriter archive, Snapshot snapshot, CopiedTable table) throws IOException {
        long rows = 0;
        for (Epoch epoch : snapshot.facts().epochs()) {
            OutputStream out = archive.entry(rowsOf(table, epoch), table == CopiedTable.MESSAGE);
            rows += snapshot.copy(table, epoch, out);
        }
        return rows;
    }

    /** The name of the entry with the rows of a table. */
    static String rowsOf(CopiedTable table) {
        return "rows/" + table.table();
    }

    /** The name of the entry with the rows of a partition. */
    static String rowsOf(CopiedTable table, Epoch epoch) {
        return "rows/" + table.table() + "/" + epoch.code();
    }

    /** The name of the entry with the files of a folder. */
    static String filesOf(String folder) {
        return "files/" + folder;
    }
}
