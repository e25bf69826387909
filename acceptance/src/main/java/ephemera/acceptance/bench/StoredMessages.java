package ephemera.acceptance.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Very many messages that are the same whenever they are written: a fifth of them is in {@value #BIG} big
 * conversations, the others in conversations of about four hundred each; all conversations mix messages of all
 * lifespans. Immutable and thread-safe.
 *
 * <p>They live in {@value #EPOCHS} epochs, thirteen of each of the five classes of lifespans. The server numbers an
 * epoch by its class, counted from the shortest lifespans, above the 33 bits of its end in seconds since 1970; a
 * message's id carries such a number 26 bits above its end.
 */
final class StoredMessages {
    /** How many epochs they live in. */
    static final int EPOCHS = 65;

    /** How many conversations are big. */
    static final int BIG = 20;

    /** The fewest messages of which pages of 250 can be read from every conversation. */
    static final int FEWEST = 50_000;

    /** How wide the epochs of each class of lifespans are. */
    private static final List<Duration> WIDTHS = List.of(Duration.ofMinutes(5), Duration.ofHours(2),
            Duration.ofHours(60), Duration.ofDays(30), Duration.ofDays(300));

    private static final int ORDINARY_SIZE = 400;
    private static final int SECOND_BITS = 33;
    private static final int ID_BITS = 26;
    /** The first epoch ends so long after now at the earliest: none ends during a run. */
    private static final long AHEAD = Duration.ofDays(1).toSeconds();

    private static final long CONVERSATION = 0x4001;
    private static final long PERSON = 0x4002;
    private static final int PEOPLE = 5_000;
    private static final int PER_SECOND = 100;
    private static final int CONTENT_BYTES = 312;

    private final int count;
    private final int conversations;
    private final long now;
    private final long[] ends = new long[EPOCHS];
    private final long[] codes = new long[EPOCHS];

    /** What can be written of a message. */
    enum Columns {
        /** All columns of the table of messages that are never empty. */
        ALL("epoch, position, sent_at, expires_at, message_id, conversation_id, key_tree, sender_id, key_leaf,"
                + " lifespan, priority, delete_on_read, strict, recalled, organization_id, content"),
        /** Where it is, in time and in its conversation. */
        ENVELOPE("epoch, position, sent_at, expires_at, message_id, conversation_id"),
        /** Everything else, with what it takes to find it. */
        REST("epoch, message_id, key_tree, sender_id, key_leaf, lifespan, priority, delete_on_read, strict, recalled,"
                + " organization_id, content");

        private final String names;
        private final int size;

        Columns(String names) {
            this.names = names;
            this.size = 1 + (int) names.chars().filter(letter -> letter == ',').count();
        }

        /** Gives the names of the columns in the order in which they are written. */
        String names() {
            return names;
        }

        private int size() {
            return size;
        }
    }

    /**
     * Plans messages.
     *
     * @param count how many
     * @param now the second in which the last one was sent
     */
    StoredMessages(int count, long now) {
        this.count = count;
        this.now = now;
        this.conversations = BIG + (int) (count * 4L / 5 / ORDINARY_SIZE);
        int perClass = EPOCHS / WIDTHS.size();
        for (int i = 0; i < EPOCHS; i++) {
            long width = WIDTHS.get(i / perClass).toSeconds();
            ends[i] = (Math.ceilDiv(now + AHEAD, width) + i % perClass) * width;
            codes[i] = (long) (i / perClass) << SECOND_BITS | ends[i];
        }
    }

    /** Gives how many messages there are; their positions are 1 and so on. */
    int count() {
        return count;
    }

    /** Gives the numbers of the epochs. */
    long[] codes() {
        return codes.clone();
    }

    /** Gives the end of the epoch at a place of {@link #codes}, in seconds since 1970. */
    long end(int epoch) {
        return ends[epoch];
    }

    /** Gives a person who can be asked about. */
    UUID reader() {
        return name(PERSON, 0);
    }

    /** Gives any big conversation. */
    UUID bigConversation(SplittableRandom random) {
        return name(CONVERSATION, random.nextInt(BIG));
    }

    /** Gives any conversation that is not big. */
    UUID ordinaryConversation(SplittableRandom random) {
        return name(CONVERSATION, BIG + random.nextInt(conversations - BIG));
    }

    /** Writes all messages in the order of their positions. */
    void writeAll(BinaryCopy copy, Columns columns) throws SQLException {
        for (int position = 1; position <= count; position++) {
            write(copy, columns, position, epoch(position));
        }
    }

    /** Writes the messages of one epoch, by its place, in the order of their positions. */
    void writeEpoch(BinaryCopy copy, Columns columns, int epoch) throws SQLException {
        for (int position = 1; position <= count; position++) {
            if (epoch(position) == epoch) {
                write(copy, columns, position, epoch);
            }
        }
    }

    private void write(BinaryCopy copy, Columns columns, int position, int epoch) throws SQLException {
        copy.row(columns.size()).put(codes[epoch]);
        if (columns != Columns.REST) {
            copy.put((long) position).putSecond(now - (count - position) / PER_SECOND).putSecond(ends[epoch] - 1);
        }
        copy.put(id(position, epoch));
        if (columns != Columns.REST) {
            copy.put(conversation(position));
        }
        if (columns != Columns.ENVELOPE) {
            byte[] content = new byte[CONTENT_BYTES];
            new SplittableRandom(position).nextBytes(content);
            copy.put(codes[epoch]).put(name(PERSON, hash(position, 2) % PEOPLE)).put(position).put(60).put((short) 0)
                    .put(false).put(false).put(false).put("benchmark").put(content);
        }
    }

    private int epoch(int position) {
        return (int) (hash(position, 0) % EPOCHS);
    }

    private UUID conversation(int position) {
        long hash = hash(position, 1);
        boolean big = hash % 5 == 0;
        return name(CONVERSATION, big ? hash / 5 % BIG : BIG + hash / 5 % (conversations - BIG));
    }

    /** An id as the server makes them: the time, then the number of what the message ends with. */
    private UUID id(int position, int epoch) {
        long random = hash(position, 3);
        long millis = now * 1_000 - (count - position) * (1_000L / PER_SECOND);
        return new UUID(millis << 16 | 0x7000 | (random & 0xfff),
                Long.MIN_VALUE | codes[epoch] << ID_BITS | (random >>> 12 & ((1L << ID_BITS) - 1)));
    }

    private static UUID name(long kind, long number) {
        return new UUID(kind, Long.MIN_VALUE | number);
    }

    /** Gives a number that is not negative and, for all that is done with it, random. */
    private static long hash(int position, int purpose) {
        long mixed = (position * 4L + purpose) * 0x9e3779b97f4a7c15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return (mixed ^ (mixed >>> 31)) >>> 1;
    }
}
