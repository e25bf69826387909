package ephemera.acceptance.bench;

import java.time.Duration;

/**
 * How much of everything a run does.
 *
 * @param rounds measured rounds of each part
 * @param warmUp how long the discarded round of sending takes; the other parts take a third of it
 * @param round how long a measured round takes
 * @param pairs senders, and as many recipients
 * @param rate messages per second of the part {@code latency}
 * @param members connected members of the group
 * @param groupSenders people who write to the group while deliveries are counted
 * @param groupWindow group messages under way at a time while deliveries are counted
 * @param streams idle streams
 * @param settle how long idle streams are left alone before they are measured
 * @param watch how long the processor time of idle streams is measured
 * @param features the value of {@code TT-X-Features} of every stream, or an empty text for no such header
 */
record Plan(int rounds, Duration warmUp, Duration round, int pairs, int rate, int members, int groupSenders,
        int groupWindow, int streams, Duration settle, Duration watch, String features) {

    /** Gives the whole run's plan. */
    static Plan whole() {
        return new Plan(3, Duration.ofSeconds(15), Duration.ofSeconds(10), 64, 1_000, 1_000, 4, 32, 19_000,
                Duration.ofSeconds(20), Duration.ofSeconds(15), "");
    }

    /** Gives the plan of a run of about a minute, whose figures are hints. */
    static Plan quick() {
        return new Plan(1, Duration.ofSeconds(4), Duration.ofSeconds(4), 64, 1_000, 1_000, 4, 32, 5_000,
                Duration.ofSeconds(4), Duration.ofSeconds(6), "");
    }

    /** Gives the shorter discarded round of the parts that come after sending. */
    Duration shortWarmUp() {
        return warmUp.dividedBy(3);
    }
}
