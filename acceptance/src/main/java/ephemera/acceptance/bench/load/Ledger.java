package ephemera.acceptance.bench.load;

import java.util.Arrays;

/**
 * Accounts for every message of one round: acknowledged with which token, received by whom, how often, in which order.
 *
 * <p>A round has senders and receivers, both numbered from 0, and messages numbered from 0 in the order of
 * {@link #next}. In a direct round receiver <i>n</i> gets what sender <i>n</i> sends; in a group round every receiver
 * gets everything. Not thread-safe.
 */
public final class Ledger {
    private final boolean group;
    private final int senders;
    private final long[][] seen;
    private final int[] lastOfSender;

    private int capacity = 1 << 12;
    private long[] tokenHigh = new long[capacity];
    private long[] tokenLow = new long[capacity];
    private long[] arrivedHigh = new long[capacity];
    private long[] arrivedLow = new long[capacity];
    private int[] arrivals = new int[capacity];
    private byte[] ends = new byte[capacity];

    private int sent;
    private int highest = -1;
    private int acknowledged;
    private int refused;
    private int unknownEnd;
    private long deliveries;
    private long duplicates;
    private long wrongTokens;
    private long misdirected;
    private long outOfOrder;

    private Ledger(boolean group, int senders, int receivers) {
        this.group = group;
        this.senders = senders;
        seen = new long[receivers][0];
        lastOfSender = group ? new int[receivers * senders] : new int[receivers];
        Arrays.fill(lastOfSender, -1);
    }

    /** Makes the ledger of a round in which each of some senders writes to a receiver of its own. */
    public static Ledger ofPairs(int pairs) {
        return new Ledger(false, pairs, pairs);
    }

    /** Makes the ledger of a round in which some senders write to a group of connected receivers. */
    public static Ledger ofGroup(int senders, int receivers) {
        return new Ledger(true, senders, receivers);
    }

    /** Gives the number of the next message; only for rounds whose messages are all sent from the loop's thread. */
    public int next() {
        return sent++;
    }

    /** Notes that the server acknowledged a message under a token. */
    public void acknowledged(int number, long high, long low) {
        reserve(number);
        ends[number] = 1;
        tokenHigh[number] = high;
        tokenLow[number] = low;
        acknowledged++;
        compare(number);
    }

    /** Notes that the server refused a message; nobody may receive it. */
    public void refused(int number) {
        reserve(number);
        ends[number] = 2;
        refused++;
    }

    /** Notes that the answer was lost; the message may arrive or not, but not twice. */
    public void unknownEnd(int number) {
        reserve(number);
        unknownEnd++;
    }

    /** Notes the arrival of a message that {@link SendRequest} wrote; says what {@link #arrived} says. */
    public boolean arrived(int receiver, EventScan scan) {
        return arrived(receiver, SendRequest.sender(scan), SendRequest.number(scan), scan.messageIdHigh(),
                scan.messageIdLow());
    }

    /** Notes an arrival; says whether with it the last of the message's receivers has it. */
    public boolean arrived(int receiver, int sender, int number, long high, long low) {
        reserve(number);
        deliveries++;
        if ((!group && receiver != sender) || sender >= senders) {
            misdirected++;
            return false;
        }
        if (!mark(receiver, number)) {
            duplicates++;
            return false;
        }
        int order = group ? receiver * senders + sender : receiver;
        if (lastOfSender[order] > number) {
            outOfOrder++;
        }
        lastOfSender[order] = number;
        if (arrivals[number]++ == 0) {
            arrivedHigh[number] = high;
            arrivedLow[number] = low;
            compare(number);
        } else if (arrivedHigh[number] != high || arrivedLow[number] != low) {
            wrongTokens++;
        }
        return arrivals[number] == receiversOfEach();
    }

    /** Gives the number of acknowledged messages. */
    public int acknowledged() {
        return acknowledged;
    }

    /** Gives the number of messages whose answer is known not to come any more, or came. */
    public int ended() {
        return acknowledged + refused + unknownEnd;
    }

    /** Gives the number of arrivals, repeated ones included. */
    public long deliveries() {
        return deliveries;
    }

    /** Says whether as many deliveries came, repeated ones aside, as the acknowledged messages ask for. */
    public boolean isComplete() {
        return deliveries - duplicates - misdirected >= (long) acknowledged * receiversOfEach();
    }

    /** Compares what was acknowledged with what arrived. */
    public Verdict verdict() {
        long missing = 0;
        long refusedButArrived = 0;
        for (int number = 0; number <= highest; number++) {
            switch (ends[number]) {
                case 1 -> missing += receiversOfEach() - arrivals[number];
                case 2 -> refusedButArrived += arrivals[number];
                default -> {
                    // Unknown end: both are right.
                }
            }
        }
        return new Verdict(acknowledged, refused, unknownEnd, deliveries, missing, duplicates, wrongTokens, misdirected,
                refusedButArrived, outOfOrder);
    }

    private int receiversOfEach() {
        return group ? seen.length : 1;
    }

    /** Both tokens are known once the message is acknowledged and has arrived, in whichever order. */
    private void compare(int number) {
        if (ends[number] == 1 && arrivals[number] > 0
                && (tokenHigh[number] != arrivedHigh[number] || tokenLow[number] != arrivedLow[number])) {
            wrongTokens++;
        }
    }

    private boolean mark(int receiver, int number) {
        int word = number >>> 6;
        if (seen[receiver].length <= word) {
            seen[receiver] = Arrays.copyOf(seen[receiver], Math.max(word + 1, seen[receiver].length * 2));
        }
        long bit = 1L << (number & 63);
        boolean first = (seen[receiver][word] & bit) == 0;
        seen[receiver][word] |= bit;
        return first;
    }

    private void reserve(int number) {
        highest = Math.max(highest, number);
        if (number < capacity) {
            return;
        }
        capacity = Math.max(number + 1, capacity * 2);
        tokenHigh = Arrays.copyOf(tokenHigh, capacity);
        tokenLow = Arrays.copyOf(tokenLow, capacity);
        arrivedHigh = Arrays.copyOf(arrivedHigh, capacity);
        arrivedLow = Arrays.copyOf(arrivedLow, capacity);
        arrivals = Arrays.copyOf(arrivals, capacity);
        ends = Arrays.copyOf(ends, capacity);
    }

    /**
     * What became of a round's messages.
     *
     * @param acknowledged messages that the server acknowledged
     * @param refused messages that the server refused
     * @param unknownEnd messages whose answer was lost with a connection
     * @param deliveries arrivals at receivers, repeated ones included
     * @param missing deliveries of acknowledged messages that did not come
     * @param duplicates deliveries of a message to somebody who had it
     * @param wrongTokens deliveries under another token than the acknowledged one
     * @param misdirected deliveries to somebody the message was not for
     * @param refusedButArrived deliveries of messages that the server had refused
     * @param outOfOrder deliveries that came after a later message of the same sender
     */
    public record Verdict(long acknowledged, long refused, long unknownEnd, long deliveries, long missing,
            long duplicates, long wrongTokens, long misdirected, long refusedButArrived, long outOfOrder) {

        /** Says whether each acknowledged message arrived once, in order, at the right place, and none was refused. */
        public boolean isRight() {
            return refused + unknownEnd == 0
                    && missing + duplicates + wrongTokens + misdirected + refusedButArrived + outOfOrder == 0;
        }

        /** Says in one line what was found. */
        public String sentence() {
            if (isRight()) {
                return "%,d acknowledged messages, %,d deliveries: each arrived once, in order".formatted(acknowledged,
                        deliveries);
            }
            return ("%,d acknowledged, %,d refused, %,d with an unknown end; %,d deliveries, missing %,d, twice %,d,"
                    + " wrong token %,d, misdirected %,d, refused but arrived %,d, out of order %,d").formatted(
                            acknowledged, refused, unknownEnd, deliveries, missing, duplicates, wrongTokens,
                            misdirected,
                            refusedButArrived, outOfOrder);
        }
    }
}
