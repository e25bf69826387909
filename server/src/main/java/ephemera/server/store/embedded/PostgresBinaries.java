package ephemera.server.store.embedded;

import ephemera.server.StartFailure;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * The programs of the bundled PostgreSQL, unpacked.
 *
 * <p>They come as an xz-compressed tar in a jar on the class path, one per platform. They are unpacked once, under the
 * archive's checksum, so that another version never mixes with them.
 */
record PostgresBinaries(Path home) {

    private static final Logger LOG = System.getLogger(PostgresBinaries.class.getName());
    private static final String PREFIX = "binaries-";
    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwxr-xr-x");
    private static final Set<PosixFilePermission> PLAIN = PosixFilePermissions.fromString("rw-r--r--");

    Path initdb() {
        return home.resolve("bin/initdb");
    }

    Path postgres() {
        return home.resolve("bin/postgres");
    }

    /** The text of {@code postgres --version} without its first word, like {@code 18.6}. */
    String version() {
        Command.Outcome told = Command.run(home, List.of(postgres().toString(), "--version"));
        if (!told.succeeded()) {
            throw new StartFailure("The bundled PostgreSQL does not run on this machine (" + told.lastLine()
                    + "): set database.url to a PostgreSQL of your own.");
        }
        return told.lastLine().replaceFirst("^.*\\) ", "");
    }

    /** Deletes what other releases unpacked here, and what was never unpacked to its end. */
    void deleteOthers() {
        try {
            for (Path other : unpackedIn(PrivateFiles.folderOf(home))) {
                if (!other.equals(home)) {
                    PrivateFiles.deleteTree(other);
                }
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "Old PostgreSQL binaries stay on disk: {0}", e.toString());
        }
    }

    private static List<Path> unpackedIn(Path folder) throws IOException {
        List<Path> found = new ArrayList<>();
        try (var entries = Files.newDirectoryStream(folder, PREFIX + "*")) {
            entries.forEach(found::add);
        }
        return found;
    }

    /**
     * Finds the binaries of this platform in the folder, unpacking them first where they are not there.
     *
     * @throws StartFailure when there are none for this platform, or they cannot be written
     */
    static PostgresBinaries unpackInto(Path folder, RunAs runAs) {
        URL archive = archiveFor(System.getProperty("os.name"), System.getProperty("os.arch"),
                Files.exists(Path.of("/etc/alpine-release")));
        try {
            Path home = folder.resolve(PREFIX + checksum(archive));
            if (!Files.isDirectory(home)) {
                long start = System.nanoTime();
                Path fresh = home.resolveSibling(home.getFileName() + ".part");
                PrivateFiles.deleteTree(fresh);
                try (InputStream in = open(archive)) {
                    unpack(in, fresh);
                }
                runAs.handOver(fresh);
                flushToDisk(fresh);
                PrivateFiles.moveDurably(fresh, home);
                LOG.log(Level.INFO, "Unpacked the bundled PostgreSQL in {0} ms",
                        (System.nanoTime() - start) / 1_000_000);
            }
            return new PostgresBinaries(home);
        } catch (IOException e) {
            throw new StartFailure("The bundled PostgreSQL cannot be unpacked into " + folder + " (" + e.getMessage()
                    + "): make room there, or give another folder with --data DIR.", e);
        }
    }

    /** The archive of a platform on the class path. */
    static URL archiveFor(String system, String processor, boolean alpine) {
        return archiveName(system, processor, alpine)
                .map(name -> PostgresBinaries.class.getResource("/" + name))
                .orElseThrow(() -> new StartFailure("There is no bundled PostgreSQL for " + system + " on " + processor
                        + ": set database.url to a PostgreSQL of your own."));
    }

    /** The name that a platform's archive has on the class path; none for platforms that nobody builds for. */
    static Optional<String> archiveName(String system, String processor, boolean alpine) {
        String os = switch (system.toLowerCase(Locale.ROOT)) {
            case "linux" -> "linux";
            case "mac os x" -> "darwin";
            default -> "";
        };
        String arch = switch (processor.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm_64";
            default -> "";
        };
        if (os.isEmpty() || arch.isEmpty()) {
            return Optional.empty();
        }
        // Alpine's C library does not run the binaries of the others.
        String library = alpine && os.equals("linux") ? "-alpine_linux" : "";
        return Optional.of("postgres-" + os + "-" + arch + library + ".txz");
    }

    /** The archive's CRC-32, which a jar already knows. */
    private static String checksum(URL archive) throws IOException {
        long crc;
        if (connect(archive) instanceof JarURLConnection jar) {
            // Not shared with the class loader, hence ours to close.
            try (var _ = jar.getJarFile()) {
                crc = jar.getJarEntry().getCrc();
            }
        } else {
            try (CheckedInputStream in = new CheckedInputStream(archive.openStream(), new CRC32())) {
                in.transferTo(OutputStream.nullOutputStream());
                crc = in.getChecksum().getValue();
            }
        }
        return "%08x".formatted(crc);
    }

    private static InputStream open(URL archive) throws IOException {
        return new BufferedInputStream(connect(archive).getInputStream(), 1 << 16);
    }

    private static URLConnection connect(URL archive) throws IOException {
        URLConnection connection = archive.openConnection();
        connection.setUseCaches(false);
        return connection;
    }

    /** Writes what an archive holds, with its modes and symbolic links, into a folder that does not exist yet. */
    static void unpack(InputStream archive, Path folder) throws IOException {
        Set<Path> made = new HashSet<>();
        makeFolder(folder, folder, made);
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(archive))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path target = folder.resolve(entry.getName()).normalize();
                if (!target.startsWith(folder)) {
                    throw new IOException("the archive names a file outside of it: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    makeFolder(folder, target, made);
                } else if (!isForCompilersOnly(target)) {
                    makeFolder(folder, PrivateFiles.folderOf(target), made);
                    writeFile(tar, entry, target, folder);
                }
            }
        }
    }

    private static void writeFile(TarArchiveInputStream tar, TarArchiveEntry entry, Path target, Path folder)
            throws IOException {
        if (entry.isSymbolicLink()) {
            Path link = Path.of(entry.getLinkName());
            if (!target.resolveSibling(link).normalize().startsWith(folder)) {
                throw new IOException("the archive links to a file outside of it: " + entry.getName());
            }
            Files.createSymbolicLink(target, link);
        } else if (entry.isFile()) {
            Files.copy(tar, target);
            boolean program = (entry.getMode() & 0100) != 0;
            Files.setPosixFilePermissions(target, program ? FOLDER : PLAIN);
        } else {
            throw new IOException("the archive holds something that is no file: " + entry.getName());
        }
    }

    private static boolean isForCompilersOnly(Path file) {
        return file.toString().endsWith(".a") || PrivateFiles.folderOf(file).endsWith("pkgconfig");
    }

    private static void makeFolder(Path root, Path folder, Set<Path> made) throws IOException {
        if (!folder.startsWith(root) || !made.add(folder)) {
            return;
        }
        makeFolder(root, PrivateFiles.folderOf(folder), made);
        Files.createDirectory(folder);
        Files.setPosixFilePermissions(folder, FOLDER);
    }

    /** One call for the whole file system is much cheaper than one per file. */
    private static void flushToDisk(Path folder) throws IOException {
        if (!Command.run(folder, List.of("sync", "-f", folder.toString())).succeeded()
                && !Command.run(folder, List.of("sync")).succeeded()) {
            throw new IOException("the command sync does not work");
        }
    }
}
