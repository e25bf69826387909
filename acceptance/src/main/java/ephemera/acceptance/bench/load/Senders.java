package ephemera.acceptance.bench.load;

import ephemera.acceptance.client.Credentials;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * People who send messages, each on a keep-alive connection of their own, one request under way at a time.
 *
 * <p>Who sends when is decided by a {@link ClosedLoop} or a {@link Pacer}. All methods but {@link #open}, {@link #send}
 * and {@link #firstFailure} are for the loop's thread only.
 */
public final class Senders implements HttpConnection.Replies {
    /** Takes the ends of requests, on the loop's thread. */
    interface Ends {
        /** The request of this sender has ended, acknowledged or not; the sender is idle again. */
        void ended(int sender, int number, boolean acknowledged);
    }

    private static final long NOTHING_UNDER_WAY = -1;

    private final Loop loop;
    private final InetSocketAddress address;
    private final List<SendRequest> requests = new ArrayList<>();
    private final List<HttpConnection> connections = new ArrayList<>();

    private int opened;
    private int run;
    private Ledger ledger = Ledger.ofPairs(1);
    private Ends ends = (_, _, _) -> {};
    private volatile Optional<String> firstFailure = Optional.empty();

    /** Prepares one sender for each of the people; the recipient token of each stands at the same place of the list. */
    public Senders(Loop loop, InetSocketAddress address, List<Credentials> people, List<String> recipients) {
        this.loop = loop;
        this.address = address;
        for (int i = 0; i < people.size(); i++) {
            requests.add(new SendRequest(address, people.get(i), recipients.get(i)));
        }
    }

    /** Opens the connections and waits for them; must not be called on the loop's thread. */
    public void open() {
        loop.run(() -> requests.forEach(_ -> connections.add(HttpConnection.open(loop, address, this))));
        if (!loop.await(Duration.ofSeconds(60), () -> opened == requests.size())) {
            throw new LoadFailure("Could not open %d connections to %s within 60 s: %s".formatted(requests.size(),
                    address, firstFailure.orElse("no answer")));
        }
    }

    /** Gives the number of senders. */
    public int count() {
        return requests.size();
    }

    /** Gives the first refusal or loss since the beginning. */
    public Optional<String> firstFailure() {
        return firstFailure;
    }

    /** Begins a round whose messages carry a run's number and are noted in a ledger. */
    void begin(int newRun, Ledger newLedger, Ends newEnds) {
        run = newRun;
        ledger = newLedger;
        ends = newEnds;
    }

    /** Sends a message; the sender must be idle. May be called by the one thread that the idle sender was handed to. */
    void send(int sender, int number) {
        connections.get(sender).send(requests.get(sender).of(run, sender, number), (long) sender << 32 | number);
    }

    @Override
    public void opened(HttpConnection connection) {
        opened++;
        connection.forget(NOTHING_UNDER_WAY);
    }

    @Override
    public void replied(HttpConnection connection, ReplyParser reply, byte[] bytes) {
        int sender = (int) (connection.mark() >>> 32);
        int number = (int) connection.mark();
        connection.forget(NOTHING_UNDER_WAY);
        boolean acknowledged = reply.status() == 204 && reply.hasMessageId();
        if (acknowledged) {
            ledger.acknowledged(number, reply.messageIdHigh(), reply.messageIdLow());
        } else {
            ledger.refused(number);
            failed("POST /v2/message was answered with " + reply.status() + " " + reply.bodyStart(bytes));
        }
        ends.ended(sender, number, acknowledged);
    }

    @Override
    public void lost(HttpConnection connection, String why) {
        if (connection.mark() != NOTHING_UNDER_WAY) {
            ledger.unknownEnd((int) connection.mark());
        }
        failed("a sender's connection was lost: " + why);
    }

    private void failed(String why) {
        if (firstFailure.isEmpty()) {
            firstFailure = Optional.of(why);
        }
    }
}
