package ephemera.acceptance.bench;

import ephemera.acceptance.bench.load.LoadFailure;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * A connection to the bundled database of a running server, with the settings of the server's own connections. What
 * fails there ends the run. Not thread-safe.
 */
final class BundledDatabase implements AutoCloseable {
    private static final String OPTIONS = "-c plan_cache_mode=force_generic_plan -c max_parallel_workers_per_gather=0";
    private static final int BUFFER = 1 << 20;

    private final Path data;
    private final Connection connection;

    /** Work on the connection. */
    interface Work<T> {
        /** Does the work. */
        T with(Connection connection) throws SQLException;
    }

    /** What writes rows. */
    interface Writing {
        /** Writes all of them. */
        void to(BinaryCopy copy) throws SQLException;
    }

    /** Connects to the database in a server's data folder. */
    BundledDatabase(Path data) {
        this.data = data;
        try {
            connection = connect(data);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Gives a connection to the database in a server's data folder. */
    static Connection connect(Path data) throws SQLException {
        Properties access = new Properties();
        try (Reader reader = Files.newBufferedReader(data.resolve("postgres.properties"))) {
            access.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException("The server has no bundled database", e);
        }
        Properties properties = new Properties();
        properties.setProperty("user", access.getProperty("user"));
        properties.setProperty("password", access.getProperty("password"));
        properties.setProperty("options", OPTIONS);
        properties.setProperty("prepareThreshold", "1");
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + access.getProperty("port") + "/"
                + access.getProperty("database"), properties);
    }

    /** Does work on the connection, in which each statement stands for itself. */
    <T> T run(Work<T> work) {
        try {
            return work.with(connection);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Executes statements, each as a transaction of its own. */
    void execute(List<String> statements) {
        run(on -> {
            try (Statement statement = on.createStatement()) {
                for (String each : statements) {
                    statement.execute(each);
                }
                return true;
            }
        });
    }

    /** Writes rows into a table, all or none. */
    void copy(String table, String columns, Writing writing) {
        run(on -> {
            try (BinaryCopy copy = new BinaryCopy(on, table + " (" + columns + ")")) {
                writing.to(copy);
                copy.finish();
                return true;
            }
        });
    }

    /** Gives the bytes that tables take on the disk, with their indexes. */
    long bytes(List<String> tables) {
        return run(on -> {
            try (PreparedStatement statement = on.prepareStatement(
                    "SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(?::text[]) AS name")) {
                statement.setArray(1, on.createArrayOf("text", tables.toArray()));
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    return row.getLong(1);
                }
            }
        });
    }

    /**
     * Reads the files of tables and of their indexes once, so that they are in the system's memory if they fit, and are
     * not written while something is measured.
     */
    void warm(List<String> tables) {
        Path cluster = cluster();
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
        for (String file : files(tables)) {
            Path part = cluster.resolve(file);
            // What is larger than a gigabyte goes on in files with a number.
            for (int next = 1; Files.exists(part); next++) {
                read(part, buffer);
                part = cluster.resolve(file + "." + next);
            }
        }
    }

    private List<String> files(List<String> tables) {
        return run(on -> {
            try (PreparedStatement statement = on.prepareStatement("""
                    WITH named AS (SELECT name::regclass::oid AS oid FROM unnest(?::text[]) AS name)
                    SELECT array_agg(pg_relation_filepath(oid))
                      FROM (SELECT oid FROM named UNION ALL
                            SELECT indexrelid FROM pg_index JOIN named ON indrelid = oid) AS relation
                    """)) {
                statement.setArray(1, on.createArrayOf("text", tables.toArray()));
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    return List.of((String[]) row.getArray(1).getArray());
                }
            }
        });
    }

    private Path cluster() {
        try (Stream<Path> files = Files.find(data.resolve("postgres"), 3,
                (path, _) -> path.endsWith("postmaster.pid"))) {
            return files.map(Path::getParent).findFirst().orElseThrow(
                    () -> new LoadFailure("The folder of the bundled database is not below " + data + "."));
        } catch (IOException e) {
            throw new UncheckedIOException("The folder of the bundled database cannot be read", e);
        }
    }

    /** Reads a file to its end, and has the system write what it has not written yet. */
    private static void read(Path file, ByteBuffer buffer) {
        try (FileChannel channel = FileChannel.open(file)) {
            while (channel.read(buffer.clear()) >= 0) {
                // Reading is all that is wanted.
            }
            channel.force(false);
        } catch (IOException e) {
            throw new UncheckedIOException("A file of the bundled database cannot be read", e);
        }
    }

    private static LoadFailure failed(SQLException e) {
        return new LoadFailure("The benchmark's work in the database failed: " + e.getMessage());
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw failed(e);
        }
    }
}
