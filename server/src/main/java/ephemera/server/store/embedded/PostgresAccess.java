package ephemera.server.store.embedded;

import ephemera.server.StartFailure;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Properties;

/**
 * How to connect to the bundled PostgreSQL: the port on 127.0.0.1 and the passwords of its two roles.
 *
 * <p>Kept in {@code postgres.properties} in the data folder, readable by the owner only, so that commands connect to
 * the PostgreSQL of a running server. Immutable.
 *
 * @param port the TCP port on 127.0.0.1
 * @param password of the role {@code ephemera}, which owns the database and is no superuser
 * @param superuserPassword of the role {@code postgres}, used by no part of the server
 */
public record PostgresAccess(int port, String password, String superuserPassword) {

    static final String ROLE = "ephemera";
    static final String SUPERUSER = "postgres";

    /** With new random passwords. */
    static PostgresAccess generate(int port) {
        return new PostgresAccess(port, newPassword(), newPassword());
    }

    /** Letters and digits only, so that it needs no quoting anywhere; 192 random bits. */
    private static String newPassword() {
        byte[] bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    PostgresAccess at(int otherPort) {
        return new PostgresAccess(otherPort, password, superuserPassword);
    }

    /**
     * The address for JDBC, without user and password.
     *
     * <p>{@code requireAuth} keeps a stranger who takes the port while PostgreSQL is away from asking for the password
     * in the clear: SCRAM never shows it, and proves that the other side knows it too.
     */
    public String jdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/ephemera"
                + "?sslmode=disable&gssEncMode=disable&requireAuth=scram-sha-256";
    }

    /** The role that owns the database. */
    public String user() {
        return ROLE;
    }

    /** Opens one connection as the role that owns the database. */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl(), user(), password);
    }

    /** Reads what a start of PostgreSQL in this data folder wrote; empty when there is nothing or it is damaged. */
    static Optional<PostgresAccess> read(Path file) {
        Properties properties = new Properties();
        try (Reader reader = new StringReader(Files.readString(file))) {
            properties.load(reader);
            PostgresAccess access = new PostgresAccess(Integer.parseInt(properties.getProperty("port", "")),
                    properties.getProperty("password", ""), properties.getProperty("superuser.password", ""));
            return access.password.isEmpty() || access.superuserPassword.isEmpty() ? Optional.empty()
                    : Optional.of(access);
        } catch (NoSuchFileException | IllegalArgumentException _) {
            return Optional.empty();
        } catch (AccessDeniedException e) {
            throw new StartFailure("The user " + System.getProperty("user.name") + " may not read " + file
                    + ": run as the user who runs the server.", e);
        } catch (IOException e) {
            throw new StartFailure("The file " + file + " cannot be read: " + e.getMessage() + ".", e);
        }
    }

    /** Writes the file that {@link #read} reads; on disk when this returns. */
    void write(Path file) throws IOException {
        String text = """
                # How to connect to the bundled PostgreSQL on 127.0.0.1. The port may be another one after a start.
                port=%d
                database=ephemera
                user=%s
                password=%s
                superuser=%s
                superuser.password=%s
                """.formatted(port, ROLE, password, SUPERUSER, superuserPassword);
        if (Files.notExists(file) || !Files.readString(file).equals(text)) {
            PrivateFiles.replace(file, text);
        }
    }

    /** Without the passwords. */
    @Override
    public String toString() {
        return "PostgresAccess[port=" + port + ", user=" + ROLE + "]";
    }
}
