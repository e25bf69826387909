package ephemera.server.store.embedded;

import ephemera.server.StartFailure;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The data of the bundled PostgreSQL, in {@code postgres/cluster} of a data folder; used while it does not run. */
final class Cluster {

    private static final Logger LOG = System.getLogger(Cluster.class.getName());
    private static final boolean ON_MAC = System.getProperty("os.name").equals("Mac OS X");

    private final Path path;
    private final PostgresBinaries binaries;
    private final RunAs runAs;

    Cluster(Path postgres, PostgresBinaries binaries, RunAs runAs) {
        this.path = pathIn(postgres);
        this.binaries = binaries;
        this.runAs = runAs;
    }

    static Path pathIn(Path postgres) {
        return postgres.resolve("cluster");
    }

    /** Whether the data folder holds a database. */
    static boolean existsIn(Path dataFolder) {
        return Files.exists(pathIn(DataFolder.postgresIn(dataFolder)).resolve("PG_VERSION"));
    }

    Path path() {
        return path;
    }

    /** Makes sure that there is a cluster of the right version to which these passwords are the key. */
    void prepare(PostgresAccess access, boolean passwordsAreNew) {
        try {
            if (Files.notExists(path)) {
                create(access);
            } else {
                requireVersion();
                runAs.handOver(path);
                configure(path, access.port());
                if (passwordsAreNew) {
                    LOG.log(Level.WARNING, "The passwords of the database were lost: new ones are set");
                    runStandAlone(path, List.of(setPassword(PostgresAccess.ROLE, access.password()),
                            setPassword(PostgresAccess.SUPERUSER, access.superuserPassword())));
                }
            }
        } catch (IOException e) {
            throw new StartFailure("The database in " + path + " cannot be prepared (" + e.getMessage()
                    + "): make room there, or give another folder with --data DIR.", e);
        }
    }

    /** Writes the settings. */
    void configure(int port) {
        try {
            configure(path, port);
        } catch (IOException e) {
            throw new StartFailure("The settings of the database in " + path + " cannot be written: " + e.getMessage()
                    + ".", e);
        }
    }

    private static void configure(Path cluster, int port) throws IOException {
        // In place, so that the file keeps its owner; it is written anew before each start, hence never read half
        // written.
        Files.writeString(cluster.resolve("postgresql.conf"), Settings.configuration(port, ON_MAC));
    }

    private void create(PostgresAccess access) throws IOException {
        long start = System.nanoTime();
        Path fresh = path.resolveSibling("cluster.part");
        PrivateFiles.deleteTree(fresh);
        initialise(fresh, access);
        configure(fresh, access.port());
        // The superuser is for repairs by hand; the server works as a role that may do no more than it needs.
        // Failed statements of that role are answered to the server and not logged: they may quote values.
        runStandAlone(fresh, List.of(
                "create role ephemera login",
                setPassword(PostgresAccess.ROLE, access.password()),
                "grant pg_monitor, pg_checkpoint to ephemera",
                "alter role ephemera set log_min_messages = 'log'",
                "create database ephemera owner ephemera"));
        PrivateFiles.moveDurably(fresh, path);
        LOG.log(Level.INFO, "Initialised the database in {0} ms", (System.nanoTime() - start) / 1_000_000);
    }

    private void initialise(Path fresh, PostgresAccess access) throws IOException {
        Path passwordFile = path.resolveSibling("superuser.part");
        PrivateFiles.replace(passwordFile, access.superuserPassword() + "\n");
        runAs.handOver(passwordFile);
        // PostgreSQL's own C.UTF-8 sorts alike on every machine and survives an upgrade of the C library.
        List<String> words = new ArrayList<>(List.of(binaries.initdb().toString(), "-D", fresh.toString(),
                "--username=" + PostgresAccess.SUPERUSER, "--pwfile=" + passwordFile, "--auth=scram-sha-256",
                "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
                "--text-search-config=simple", "--data-checksums"));
        if (!ON_MAC) {
            // As durable as a thousand single calls, in one.
            words.add("--sync-method=syncfs");
        }
        Command.Outcome outcome = runAs.run(PrivateFiles.folderOf(path), words, "");
        Files.deleteIfExists(passwordFile);
        if (!outcome.succeeded()) {
            throw new IOException(sentence(outcome));
        }
    }

    /** A message of PostgreSQL without what would make two sentences of one. */
    private static String sentence(Command.Outcome outcome) {
        return outcome.output().lines()
                .filter(line -> line.matches(".*(FATAL|PANIC|ERROR|error): .*"))
                .findFirst()
                .map(line -> line.replaceFirst("^.*?(FATAL|PANIC|ERROR|error): +", ""))
                .orElseGet(outcome::lastLine);
    }

    private static String setPassword(String role, String password) {
        if (!password.matches("[0-9a-f]+")) {
            throw new IllegalArgumentException("not a password of ours");
        }
        // This statement takes no parameters; the password is made of hexadecimal digits.
        return "alter role " + role + " password '" + password + "'";
    }

    /** Runs statements without network and without a server, each on one line. */
    private void runStandAlone(Path cluster, List<String> statements) throws IOException {
        List<String> words = new ArrayList<>(List.of(binaries.postgres().toString(), "--single",
                "-D", cluster.toString()));
        words.addAll(Settings.PROMISES);
        words.add("postgres");
        Command.Outcome outcome = runAs.run(PrivateFiles.folderOf(path), words, String.join("\n", statements) + "\n");
        if (!outcome.succeeded() || outcome.output().matches("(?s).*\\b(ERROR|FATAL|PANIC): .*")) {
            throw new IOException(sentence(outcome));
        }
    }

    private void requireVersion() throws IOException {
        String mine = binaries.version().replaceFirst("[^0-9].*", "");
        String found = Files.readString(path.resolve("PG_VERSION")).strip();
        if (!found.equals(mine)) {
            throw new StartFailure("The database in " + path + " was written by PostgreSQL " + found
                    + ", and this release bundles " + mine + ": start it with the release that wrote it.");
        }
    }
}
