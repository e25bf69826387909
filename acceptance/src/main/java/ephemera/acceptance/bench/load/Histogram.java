package ephemera.acceptance.bench.load;

/**
 * Counts durations in buckets that are at most 0.8 % wide, so that percentiles need neither every value nor a sort.
 *
 * <p>Values are nanoseconds from 0 to {@link Long#MAX_VALUE}; negative ones count as 0. Not thread-safe.
 */
public final class Histogram {
    /** Values below this are counted exactly; above it every power of two is cut into half as many buckets. */
    private static final int EXACT = 256;

    private static final int EXACT_BITS = 8;

    private final long[] counts = new long[EXACT + (63 - EXACT_BITS) * (EXACT / 2)];
    private long count;
    private long max;

    /** Makes an empty histogram. */
    public Histogram() {
    }

    /** Counts one value. */
    public void record(long nanos) {
        long value = Math.max(0, nanos);
        counts[bucket(value)]++;
        count++;
        max = Math.max(max, value);
    }

    /** Counts what another histogram has counted. */
    public void add(Histogram other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
        count += other.count;
        max = Math.max(max, other.max);
    }

    /** Gives the number of counted values. */
    public long count() {
        return count;
    }

    /** Gives the greatest counted value, exactly; 0 if nothing was counted. */
    public long max() {
        return max;
    }

    /** Gives a value that at least {@code percent} of the counted ones do not exceed; 0 if nothing was counted. */
    public long percentile(double percent) {
        long wanted = Math.max(1, (long) Math.ceil(count * percent / 100));
        long passed = 0;
        for (int i = 0; i < counts.length && count > 0; i++) {
            passed += counts[i];
            if (passed >= wanted) {
                return Math.min(max, highest(i));
            }
        }
        return max;
    }

    /** Gives a percentile in milliseconds. */
    public double percentileMillis(double percent) {
        return percentile(percent) / 1e6;
    }

    private static int bucket(long value) {
        if (value < EXACT) {
            return (int) value;
        }
        int shift = 63 - Long.numberOfLeadingZeros(value) - (EXACT_BITS - 1);
        return EXACT + (shift - 1) * (EXACT / 2) + (int) (value >>> shift) - EXACT / 2;
    }

    /** Gives the greatest value that falls into a bucket. */
    private static long highest(int bucket) {
        if (bucket < EXACT) {
            return bucket;
        }
        int shift = (bucket - EXACT) / (EXACT / 2) + 1;
        int mantissa = (bucket - EXACT) % (EXACT / 2) + EXACT / 2;
        return ((mantissa + 1L) << shift) - 1;
    }
}
