package ephemera.core;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Where new identifiers come from, with time and randomness injected.
 *
 * <p>Thread-safe if the random generator is.
 */
public final class Ids {

    private static final String ALPHANUMERICS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static final int COUNTER_BITS = 12;
    private static final int CARRIED_BITS = 36;
    private static final int TAIL_BITS = 26;

    private final InstantSource clock;
    private final RandomGenerator random;
    /** Milliseconds and counter of the last identifier that carries a number. */
    private final AtomicLong last = new AtomicLong();

    /** Makes identifiers from that clock and that randomness, which must be a secure one in production. */
    public Ids(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /** A random UUID (RFC 9562, version 4). */
    public UUID random() {
        return versioned(random.nextLong(), random.nextLong(), 4);
    }

    /**
     * A UUID that begins with the time (RFC 9562, version 7), so that neighbours in time are neighbours in an index.
     */
    public UUID timeOrdered() {
        long high = (clock.millis() << 16) | (random.nextInt() & 0xffff);
        return versioned(high, random.nextLong(), 7);
    }

    /**
     * A UUID like {@link #timeOrdered()} that carries a number of 36 bits. Its 12 bits after the time count up (RFC
     * 9562, section 6.2, method 1), so that those of one process differ; the 26 random ones are for several processes.
     */
    public UUID carrying(long number) {
        long now = clock.millis() << COUNTER_BITS;
        long stamp = last.updateAndGet(before -> Math.max(before + 1, now));
        long high = ((stamp >>> COUNTER_BITS) << 16) | (stamp & ((1 << COUNTER_BITS) - 1));
        long tail = random.nextLong() & ((1L << TAIL_BITS) - 1);
        return versioned(high, (number << TAIL_BITS) | tail, 7);
    }

    /** The number that a UUID of {@link #carrying} carries; any number for others. */
    public static long carried(UUID id) {
        return (id.getLeastSignificantBits() >>> TAIL_BITS) & ((1L << CARRIED_BITS) - 1);
    }

    /**
     * The UUID that a seed and a number always give (RFC 9562, version 8): nobody guesses it who does not know the
     * seed.
     */
    public static UUID derived(UUID seed, int number) {
        ByteBuffer text = ByteBuffer.allocate(20);
        text.putLong(seed.getMostSignificantBits()).putLong(seed.getLeastSignificantBits()).putInt(number);
        try {
            ByteBuffer digest = ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(text.array()));
            return versioned(digest.getLong(), digest.getLong(), 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** A string of that many random letters and digits, about 5.95 bits each. */
    public String alphanumeric(int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(ALPHANUMERICS.charAt(random.nextInt(ALPHANUMERICS.length())));
        }
        return text.toString();
    }

    /** The UUID written in the canonical form of 36 characters, in any case; empty for everything else. */
    public static Optional<UUID> parse(String text) {
        if (text.length() != 36
                || text.charAt(8) != '-'
                || text.charAt(13) != '-'
                || text.charAt(18) != '-'
                || text.charAt(23) != '-') {
            return Optional.empty();
        }
        try {
            // The JDK also reads signs and digits of other scripts, which would give one token many texts.
            return Optional.of(UUID.fromString(text)).filter(id -> id.toString().equalsIgnoreCase(text));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static UUID versioned(long high, long low, int version) {
        return new UUID(
                (high & 0xffff_ffff_ffff_0fffL) | ((long) version << 12),
                (low & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L);
    }
}
