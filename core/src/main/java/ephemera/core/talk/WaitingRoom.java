package ephemera.core.talk;

import ephemera.core.Limits;
import ephemera.core.Refused;
import ephemera.core.directory.Caller;
import ephemera.core.directory.Client;
import ephemera.core.directory.ClientId;
import ephemera.core.directory.PersonId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps files that wait for their messages from filling the disk: how many bytes of them one person, and all whom one
 * application acts for, may have here.
 *
 * <p>What waits is counted by the {@link Shelf}, which has the last word when a file is entered, for all servers. What
 * is on its way is counted here, for this server, so that files that come at the same time stay within the bound
 * together: on the disk of a server is at most as much again as may wait, until the last byte of the last one has come.
 * Thread-safe.
 */
final class WaitingRoom {

    private final Shelf shelf;
    private final Limits limits;
    /** How many bytes are on their way, by whom: a person, or a client. */
    private final Map<Object, Long> coming = new HashMap<>();

    WaitingRoom(Shelf shelf, Limits limits) {
        this.shelf = shelf;
        this.limits = limits;
    }

    /** What may wait at most. */
    Shelf.Weight most() {
        return new Shelf.Weight(limits.uploadsPerPerson(), limits.uploadsPerClient());
    }

    /**
     * Lets a caller bring a file.
     *
     * @param declared the length of the request that has it, in bytes; 0 if nobody has told
     * @throws Refused with {@code TOO_MUCH_WAITING} if there can be no room for it
     */
    Allowance admit(Caller caller, long declared) {
        Optional<ClientId> client = caller.client().map(Client::id);
        Arrival arrival = new Arrival(caller.id(), client, shelf.weight(caller.id(), client));
        // What else is in the request may be as long as a request without a file.
        arrival.requireRoom(declared - limits.requestBytes());
        arrival.take(0);
        return arrival;
    }

    /** A file on its way. */
    private final class Arrival implements Allowance {

        private final PersonId person;
        private final Optional<ClientId> client;
        private final Shelf.Weight waiting;
        private long read;
        private long taken;

        /** One that has taken nothing yet, where so much waits. */
        Arrival(PersonId person, Optional<ClientId> client, Shelf.Weight waiting) {
            this.person = person;
            this.client = client;
            this.waiting = waiting;
        }

        @Override
        public void take(long bytes) {
            synchronized (coming) {
                read += bytes;
                long more = Shelf.weight(read) - taken;
                requireRoom(more);
                add(more);
            }
        }

        private void requireRoom(long bytes) {
            synchronized (coming) {
                waiting.plus(new Shelf.Weight(
                        of(person) + bytes, client.map(each -> of(each) + bytes).orElse(0L)))
                        .requireWithin(most());
            }
        }

        private void add(long bytes) {
            taken += bytes;
            put(person, of(person) + bytes);
            client.ifPresent(each -> put(each, of(each) + bytes));
        }

        @Override
        public void close() {
            synchronized (coming) {
                add(-taken);
            }
        }
    }

    private long of(Object somebody) {
        return coming.getOrDefault(somebody, 0L);
    }

    private void put(Object somebody, long bytes) {
        if (bytes == 0) {
            coming.remove(somebody);
        } else {
            coming.put(somebody, bytes);
        }
    }
}
