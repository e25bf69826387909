package ephemera.acceptance.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Rows on their way into a table in PostgreSQL's binary format: each {@link #row} is followed by as many values as it
 * announces. A row takes less than 64 KiB. Not thread-safe.
 */
final class BinaryCopy implements AutoCloseable {
    private static final byte[] SIGNATURE = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0};
    private static final int BUFFER = 1 << 20;
    private static final int LARGEST_ROW = 1 << 16;
    /** PostgreSQL counts time from the year 2000. */
    private static final long FIRST_SECOND = 946_684_800L;

    private final CopyIn copy;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);

    /**
     * Begins to copy.
     *
     * @param target the table with the columns in parentheses
     */
    BinaryCopy(Connection connection, String target) throws SQLException {
        copy = connection.unwrap(PGConnection.class).getCopyAPI()
                .copyIn("COPY " + target + " FROM STDIN (FORMAT binary)");
        buffer.put(SIGNATURE).putInt(0).putInt(0);
    }

    /** Begins a row. */
    BinaryCopy row(int columns) throws SQLException {
        if (buffer.remaining() < LARGEST_ROW) {
            flush();
        }
        buffer.putShort((short) columns);
        return this;
    }

    /** Adds a {@code bigint}. */
    BinaryCopy put(long value) {
        buffer.putInt(Long.BYTES).putLong(value);
        return this;
    }

    /** Adds an {@code integer}. */
    BinaryCopy put(int value) {
        buffer.putInt(Integer.BYTES).putInt(value);
        return this;
    }

    /** Adds a {@code smallint}. */
    BinaryCopy put(short value) {
        buffer.putInt(Short.BYTES).putShort(value);
        return this;
    }

    /** Adds a {@code boolean}. */
    BinaryCopy put(boolean value) {
        buffer.putInt(1).put((byte) (value ? 1 : 0));
        return this;
    }

    /** Adds a {@code uuid}. */
    BinaryCopy put(UUID value) {
        buffer.putInt(2 * Long.BYTES).putLong(value.getMostSignificantBits()).putLong(value.getLeastSignificantBits());
        return this;
    }

    /** Adds a {@code bytea}. */
    BinaryCopy put(byte[] value) {
        buffer.putInt(value.length).put(value);
        return this;
    }

    /** Adds a {@code text}. */
    BinaryCopy put(String value) {
        return put(value.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds a {@code timestamptz}, given in seconds since 1970. */
    BinaryCopy putSecond(long second) {
        return put((second - FIRST_SECOND) * 1_000_000);
    }

    /** Ends the copy: only then are the rows there. */
    void finish() throws SQLException {
        buffer.putShort((short) -1);
        flush();
        copy.endCopy();
    }

    /** Gives up what was copied, unless it is finished. */
    @Override
    public void close() throws SQLException {
        if (copy.isActive()) {
            copy.cancelCopy();
        }
    }

    private void flush() throws SQLException {
        copy.writeToCopy(buffer.array(), 0, buffer.position());
        buffer.clear();
    }
}
