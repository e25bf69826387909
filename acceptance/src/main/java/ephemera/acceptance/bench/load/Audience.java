package ephemera.acceptance.bench.load;

import ephemera.acceptance.client.Credentials;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The event streams of a run, opened a few at a time and counted.
 *
 * <p>Figures may be read only on the loop's thread, that is inside {@link Loop#run} or {@link Loop#await}.
 */
public final class Audience implements StreamConnection.Streams {
    private static final int OPENING_AT_ONCE = 64;

    /** Takes the messages that reach the streams. */
    public interface Arrivals {
        /** One message came on the stream with this index; the scan is valid only during the call. */
        void arrived(int stream, EventScan scan);
    }

    private final Loop loop;
    private final InetSocketAddress address;
    private final List<Credentials> people;
    private final String features;
    private final EventScan scan = new EventScan();
    private final Optional<Acknowledgements> acknowledgements;
    private final List<StreamConnection> streams = new ArrayList<>();

    private Arrivals arrivals = (_, _) -> {};
    private int opening;
    private int live;
    private int lost;
    private long heartbeats;
    private Optional<String> firstLoss = Optional.empty();

    /**
     * Prepares one stream for each of the given people, who may be named several times.
     *
     * @param features the value of {@code TT-X-Features}, or an empty text for no such header
     * @param acknowledgements takes the streams into care; without, nothing is acknowledged
     */
    public Audience(Loop loop, InetSocketAddress address, List<Credentials> people, String features,
            Optional<Acknowledgements> acknowledgements) {
        this.loop = loop;
        this.address = address;
        this.people = List.copyOf(people);
        this.features = features;
        this.acknowledgements = acknowledgements;
    }

    /**
     * Opens all streams and waits until each has caught up.
     *
     * @throws LoadFailure when a stream is refused or lost, or when it takes longer than {@code longest}
     */
    public void open(Duration longest) {
        loop.run(this::openMore);
        boolean all = loop.await(longest, () -> live == people.size() || lost > 0);
        loop.run(() -> {
            if (lost > 0) {
                throw new LoadFailure("An event stream was lost while streams opened (%d of %d live): %s".formatted(
                        live, people.size(), firstLoss.orElse("unknown")));
            }
            if (!all) {
                throw new LoadFailure("Only %d of %d event streams had caught up within %d s.".formatted(live,
                        people.size(), longest.toSeconds()));
            }
        });
    }

    /** Sends every message from now on to another taker. */
    public void onArrival(Arrivals taker) {
        loop.run(() -> arrivals = taker);
    }

    /** Ends all streams. */
    public void close() {
        loop.run(() -> streams.forEach(StreamConnection::end));
    }

    /** Gives the number of streams that have caught up and stand. */
    public int liveNow() {
        return (int) streams.stream().filter(StreamConnection::isLive).count();
    }

    /** Gives the number of live streams on which nothing came since an instant of {@link System#nanoTime}. */
    public int silentSince(long nanos) {
        return (int) streams.stream().filter(stream -> stream.isLive() && stream.lastEventNanos() - nanos < 0).count();
    }

    /** Gives the number of heartbeats that came so far. */
    public long heartbeats() {
        return heartbeats;
    }

    /** Gives the number of streams that ended without being asked to. */
    public int lost() {
        return lost;
    }

    /** Gives why the first lost stream ended. */
    public Optional<String> firstLoss() {
        return firstLoss;
    }

    @Override
    public void live(StreamConnection stream) {
        live++;
        opening--;
        openMore();
    }

    @Override
    public void event(StreamConnection stream, EventScan event) {
        switch (event.kind()) {
            case MESSAGE -> arrivals.arrived(stream.index(), event);
            case HEARTBEAT -> heartbeats++;
            case REPLAY_STOP, PASSING, OTHER -> {
                // Acknowledged like everything else, and of no further interest.
            }
        }
    }

    @Override
    public void lost(StreamConnection stream, String why) {
        lost++;
        if (firstLoss.isEmpty()) {
            firstLoss = Optional.of(why);
        }
    }

    private void openMore() {
        while (opening < OPENING_AT_ONCE && streams.size() < people.size() && lost == 0) {
            int index = streams.size();
            StreamConnection stream =
                    StreamConnection.open(loop, address, index, people.get(index), features, scan, this);
            streams.add(stream);
            opening++;
            acknowledgements.ifPresent(to -> to.add(stream));
        }
    }
}
