package ephemera.server.store;

import ephemera.core.directory.PersonId;
import ephemera.core.inbox.Bus;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Position;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * How the journal's writer tells the bus what was committed, and what it only knows to have been.
 *
 * <p>Used by the writer's thread alone, once it has started.
 */
final class Publisher {

    private static final Logger LOG = System.getLogger(Publisher.class.getName());

    /** Who listens before the start. */
    private static final Bus NOBODY = new Bus() {
        @Override
        public void publish(List<Entry> entries) {}

        @Override
        public void missed(Position through) {}

        @Override
        public void missed(Collection<PersonId> people, Position through) {}
    };

    private volatile Bus bus = NOBODY;
    /** The last position that was published or told as missed. */
    private long told;

    void start(Bus bus) {
        this.bus = bus;
    }

    long told() {
        return told;
    }

    /**
     * Publishes what a transaction has committed.
     *
     * @param before the head of the journal before the transaction
     * @param readers who is told something by the log alone
     * @param after the head after it
     */
    void publish(long before, Set<PersonId> readers, List<Entry> entries, long after) {
        noteHead(before);
        try {
            if (!readers.isEmpty()) {
                bus.missed(readers, new Position(after));
            }
            if (!entries.isEmpty()) {
                bus.publish(entries);
            }
        } catch (RuntimeException e) {
            // Some streams may have been told and others not: all look into the log.
            LOG.log(Level.WARNING, "Publishing failed; streams read the log instead.", e);
            bus.missed(new Position(after));
        }
        told = after;
    }

    /**
     * Compares the journal's head with what was told: what lies between was committed, but not by a commit that we know
     * of.
     */
    void noteHead(long head) {
        if (head > told) {
            bus.missed(new Position(head));
            told = head;
        }
    }
}
