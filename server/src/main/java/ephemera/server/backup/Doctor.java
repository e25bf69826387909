package ephemera.server.backup;

import ephemera.core.vault.Epoch;
import ephemera.core.vault.KeyRing;
import ephemera.core.vault.KeyStore;
import ephemera.core.vault.SigningKey;
import ephemera.core.vault.Slice;
import ephemera.server.store.Database;
import ephemera.server.store.Inspection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Looks through database, files and keys for what should be gone, and for living messages that cannot be read.
 *
 * <p>Changes nothing, and hinders nobody. For one thread.
 */
public final class Doctor {

    /** How late a server may be that does its work. */
    public static final Duration GRACE = Duration.ofSeconds(15);

    /** How long a server leaves a file that came for a message that was never sent, and the time between two looks. */
    private static final Duration UNCLAIMED = Duration.ofMinutes(70);

    /** The time between two looks at uploads, and as much for the work itself. */
    private static final Duration UPLOAD_ROUND = Duration.ofMinutes(2);

    private final Inspection inspection;
    private final KeyStore keys;
    private final Folders folders;
    private final Duration earlyDeath;

    /**
     * Makes a doctor.
     *
     * @param files the folder {@code blobs} of the data folder
     * @param earlyDeath how long the key of a message may last after its early end
     */
    public Doctor(Database database, KeyStore keys, Path files, Duration earlyDeath) {
        this.inspection =
                new Inspection(database, new KeyRing(keys, new SecureRandom(), KeyRing.DEFAULT_CACHE), GRACE);
        this.keys = keys;
        this.folders = new Folders(files);
        this.earlyDeath = earlyDeath;
    }

    /** A kind of thing that should not be there. */
    public enum Kind {
        /** Keys that should have been destroyed with their slice. */
        ENDED_SLICES("slices of time that are over and have keys"),
        /** Keys that should have been destroyed before the end of their slice. */
        EARLY_DEATHS_WITH_KEYS("messages read, recalled or deleted whose keys are still there past the bound"),
        /** Content that should have been removed at once. */
        EARLY_DEATHS_WITH_CONTENT("messages read, recalled or deleted whose content is still in the database"),
        /** Files of messages that are gone, in a folder that lives. */
        FILES_OF_EARLY_DEATHS("files of messages read, recalled or deleted"),
        /** Rows that should have been removed with their epoch. */
        ROWS_OF_ENDED_EPOCHS("rows of epochs that are over"),
        /** Tables that should have been removed with their epoch. */
        PARTITIONS_OF_CLOSED_EPOCHS("partitions of epochs that are closed"),
        /** Folders that should have been removed with their epoch. */
        FOLDERS_OF_CLOSED_EPOCHS("folders of epochs that are closed"),
        /** Files that came for messages that were never sent. */
        UNCLAIMED_FILES("files that came for a message that was never sent"),
        /** Files that were to wait for a message until a time that is over. */
        OVERDUE_UPLOADS("uploads that have waited for a message past their time"),
        /** Keys that are there and cannot be read. */
        DAMAGED_KEYS("damaged files of keys"),
        /** Messages whose time is not over, and that nobody can read nevertheless. */
        UNREADABLE_MESSAGES("living messages that cannot be read");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** What is counted, in the plural. */
        public String text() {
            return text;
        }
    }

    /**
     * What was found of one kind.
     *
     * @param count how many; 0 is good
     * @param names which ones, if they have names that say nothing of what is in them
     */
    public record Finding(Kind kind, long count, List<String> names) {

        private static Finding of(Kind kind, long count) {
            return new Finding(kind, count, List.of());
        }

        private static Finding of(Kind kind, List<String> names) {
            return new Finding(kind, names.size(), names);
        }

        /** Whether there is none. */
        public boolean isGood() {
            return count == 0;
        }
    }

    /**
     * What was found, and among how much.
     *
     * @param messages how many living messages were opened
     * @param slices how many slices have keys
     */
    public record Report(List<Finding> findings, long messages, long slices) {

        /** Whether nothing was found. */
        public boolean isGood() {
            return findings.stream().allMatch(Finding::isGood);
        }
    }

    /** Looks through everything; opens every living message, which is what takes the time. */
    public Report examine() {
        List<Finding> findings = new ArrayList<>();
        findings.add(Finding.of(Kind.ENDED_SLICES, endedSlices()));
        findings.add(Finding.of(Kind.EARLY_DEATHS_WITH_KEYS, inspection.unpunctured(earlyDeath)));
        findings.add(Finding.of(Kind.EARLY_DEATHS_WITH_CONTENT, inspection.unscrubbed()));
        findings.add(Finding.of(Kind.FILES_OF_EARLY_DEATHS, filesOfEarlyDeaths()));
        findings.add(Finding.of(Kind.ROWS_OF_ENDED_EPOCHS, inspection.rowsOfEndedEpochs()));
        findings.add(Finding.of(Kind.PARTITIONS_OF_CLOSED_EPOCHS, inspection.strayPartitions()));
        findings.add(Finding.of(Kind.FOLDERS_OF_CLOSED_EPOCHS, foldersOfClosedEpochs()));
        findings.add(Finding.of(Kind.UNCLAIMED_FILES, unclaimedFiles()));
        findings.add(Finding.of(Kind.OVERDUE_UPLOADS, overdueUploads()));
        findings.add(Finding.of(Kind.DAMAGED_KEYS, damagedKeys()));
        long messages = 0;
        long unreadable = 0;
        List<String> names = new ArrayList<>();
        for (Epoch epoch : inspection.open()) {
            Inspection.Living living =
                    inspection.living(epoch, (place, file) -> folders.holds(Folders.of(place), file));
            messages += living.count();
            unreadable += living.unreadable();
            names.addAll(living.names());
        }
        findings.add(new Finding(Kind.UNREADABLE_MESSAGES, unreadable, names));
        return new Report(findings, messages, keys.slices().size());
    }

    private List<String> endedSlices() {
        Instant due = inspection.due();
        return keys.slices().stream()
                .filter(slice -> !slice.end().isAfter(due))
                .map(Slice::toString)
                .toList();
    }

    private List<String> filesOfEarlyDeaths() {
        List<String> found = new ArrayList<>();
        for (Epoch epoch : inspection.open()) {
            for (UUID file : inspection.deadFiles(epoch)) {
                if (folders.holds(Folders.of(epoch), file)) {
                    found.add(Folders.of(epoch) + "/" + file);
                }
            }
        }
        return found;
    }

    private List<String> foldersOfClosedEpochs() {
        // The folders first: one that is made afterwards is of an epoch that is found afterwards.
        Set<String> found = folders.names().stream()
                .filter(name -> name.matches("[0-9]+") || name.startsWith(Folders.ENDED))
                .filter(name -> isOlder(name, GRACE))
                .collect(Collectors.toCollection(TreeSet::new));
        inspection.open().forEach(epoch -> found.remove(Folders.of(epoch)));
        inspection.held().forEach(epoch -> found.remove(Folders.of(epoch)));
        // What an epoch left when it ended a moment ago is being removed.
        return found.stream().filter(name -> Files.isDirectory(folders.root().resolve(name))).toList();
    }

    private List<String> unclaimedFiles() {
        return folders.names(Folders.ARRIVED).stream()
                .map(name -> Folders.ARRIVED + "/" + name)
                .filter(name -> isOlder(name, UNCLAIMED))
                .toList();
    }

    private List<String> overdueUploads() {
        return inspection.overdueUploads(UPLOAD_ROUND).stream().map(id -> "upload " + id).toList();
    }

    private boolean isOlder(String name, Duration age) {
        try {
            Path file = folders.root().resolve(name);
            Instant changed =
                    Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant();
            return changed.isBefore(Instant.now().minus(age));
        } catch (NoSuchFileException _) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> damagedKeys() {
        List<String> damaged = new ArrayList<>();
        check(damaged, () -> keys.secret(SigningKey.SECRET).ifPresent(Doctor::erase));
        for (Slice slice : keys.slices()) {
            for (long tree : keys.trees(slice)) {
                check(damaged, () -> keys.read(slice, tree).ifPresent(stored -> erase(stored.cover())));
            }
        }
        return damaged;
    }

    private static void check(List<String> damaged, Runnable read) {
        try {
            read.run();
        } catch (KeyStore.Damaged e) {
            damaged.add(String.valueOf(e.getMessage()));
        }
    }

    private static void erase(byte[] secret) {
        Arrays.fill(secret, (byte) 0);
    }
}
