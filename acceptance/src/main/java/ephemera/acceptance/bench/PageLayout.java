package ephemera.acceptance.bench;

import ephemera.acceptance.bench.StoredMessages.Columns;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** A way to store messages in the database of a server, and to read a page of a conversation from it. */
enum PageLayout {
    /** The server's own: all of a message in one table with a partition for each epoch. */
    PARTITIONED("", PageStatements.PARTITIONED, false) {
        @Override
        List<String> making(StoredMessages messages) {
            long[] codes = messages.codes();
            return LongStream.range(0, codes.length).mapToObj(i -> "SELECT open_epoch(%d, to_timestamp(%d))".formatted(
                    codes[(int) i], messages.end((int) i))).toList();
        }

        @Override
        void fill(BundledDatabase database, StoredMessages messages) {
            fillEpochs(database, messages, "message_", Columns.ALL);
        }

        @Override
        List<String> tables(StoredMessages messages) {
            return partitions(messages, "message_").toList();
        }

        @Override
        List<String> removing() {
            return List.of("TRUNCATE message");
        }
    },

    /** The columns and indexes of one of those partitions in one table; they must be there. */
    ONE_TABLE("one_table_", PageStatements.ONE_TABLE, false) {
        @Override
        List<String> making(StoredMessages messages) {
            return List.of("CREATE TABLE benchmark_message (LIKE message_%d INCLUDING INDEXES)".formatted(
                    messages.codes()[0]), burns(messages));
        }

        @Override
        void fill(BundledDatabase database, StoredMessages messages) {
            fillWhole(database, messages, "benchmark_message", Columns.ALL);
        }

        @Override
        List<String> tables(StoredMessages messages) {
            return List.of("benchmark_message", "benchmark_burn");
        }

        @Override
        List<String> removing() {
            return List.of("DROP TABLE benchmark_message, benchmark_burn");
        }
    },

    /** What finds and orders messages in one narrow table, all else of them in a table with partitions. */
    NARROW("narrow_", PageStatements.NARROW, true) {
        @Override
        List<String> making(StoredMessages messages) {
            Stream<String> tables = Stream.of("""
                    CREATE TABLE benchmark_envelope (
                        epoch           bigint NOT NULL,
                        position        bigint NOT NULL,
                        sent_at         timestamptz NOT NULL,
                        expires_at      timestamptz NOT NULL,
                        message_id      uuid NOT NULL,
                        conversation_id uuid NOT NULL,
                        PRIMARY KEY (conversation_id, position))
                    """, """
                    CREATE TABLE benchmark_content (
                        epoch           bigint NOT NULL,
                        key_tree        bigint NOT NULL,
                        message_id      uuid NOT NULL,
                        sender_id       uuid NOT NULL,
                        recipient_id    uuid,
                        blob            uuid,
                        key_leaf        integer NOT NULL,
                        lifespan        integer NOT NULL,
                        priority        smallint NOT NULL,
                        delete_on_read  boolean NOT NULL,
                        strict          boolean NOT NULL,
                        recalled        boolean NOT NULL,
                        organization_id text NOT NULL,
                        request_id      text,
                        sub_type        text,
                        content         bytea) PARTITION BY LIST (epoch)
                    """, burns(messages));
            return Stream.concat(tables, LongStream.of(messages.codes()).mapToObj(code -> """
                    CREATE TABLE benchmark_content_%1$d PARTITION OF benchmark_content (PRIMARY KEY (message_id))
                       FOR VALUES IN (%1$d)
                    """.formatted(code))).toList();
        }

        @Override
        void fill(BundledDatabase database, StoredMessages messages) {
            fillWhole(database, messages, "benchmark_envelope", Columns.ENVELOPE);
            fillEpochs(database, messages, "benchmark_content_", Columns.REST);
        }

        @Override
        List<String> tables(StoredMessages messages) {
            return Stream.concat(Stream.of("benchmark_envelope", "benchmark_burn"),
                    partitions(messages, "benchmark_content_")).toList();
        }

        @Override
        List<String> removing() {
            return List.of("DROP TABLE benchmark_envelope, benchmark_content, benchmark_burn");
        }
    };

    private final String prefix;
    private final String statement;
    private final boolean limitFirst;

    PageLayout(String prefix, String statement, boolean limitFirst) {
        this.prefix = prefix;
        this.statement = statement;
        this.limitFirst = limitFirst;
    }

    /** Gives the statements that make its tables. */
    abstract List<String> making(StoredMessages messages);

    /** Writes all messages. */
    abstract void fill(BundledDatabase database, StoredMessages messages);

    /** Gives the names of all tables that have rows, partitions included. */
    abstract List<String> tables(StoredMessages messages);

    /** Gives the statements after which it takes no room any more. */
    abstract List<String> removing();

    /** Gives what the names of its figures begin with. */
    String prefix() {
        return prefix;
    }

    /**
     * Gives the statement that reads a page. Its parameters are the conversation, the positions after and up to which
     * messages are wanted, and the reader and the greatest number of messages in the order that {@link #limitFirst}
     * tells.
     */
    String statement() {
        return statement;
    }

    /** Says whether the greatest number of messages comes before the reader. */
    boolean limitFirst() {
        return limitFirst;
    }

    /** Like a partition of the server's, which must be there. */
    private static String burns(StoredMessages messages) {
        return "CREATE TABLE benchmark_burn (LIKE burn_%d INCLUDING INDEXES)".formatted(messages.codes()[0]);
    }

    private static Stream<String> partitions(StoredMessages messages, String name) {
        return LongStream.of(messages.codes()).mapToObj(code -> name + code);
    }

    private static void fillWhole(BundledDatabase database, StoredMessages messages, String table, Columns columns) {
        database.copy(table, columns.names(), copy -> messages.writeAll(copy, columns));
    }

    private static void fillEpochs(BundledDatabase database, StoredMessages messages, String name, Columns columns) {
        long[] codes = messages.codes();
        for (int i = 0; i < codes.length; i++) {
            int epoch = i;
            database.copy(name + codes[i], columns.names(), copy -> messages.writeEpoch(copy, columns, epoch));
        }
    }
}
