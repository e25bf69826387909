package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.PersonId;
import ephemera.core.inbox.Log;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Outgoing;
import ephemera.core.talk.Position;
import ephemera.core.talk.ReceiptStatus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two processes write to one database at the same time; whoever reads meanwhile never sees a position before an earlier
 * one.
 */
@Timeout(300)
class PositionsAppearInTheirOrder {

    private static final int WRITERS = 4;
    private static final int CHANGES = 100;

    private final OwnDatabase own = new OwnDatabase();
    private final Node one = new Node(own);
    private final Node other = new Node(own);
    private final List<PersonId> people = new ArrayList<>();
    private ConversationId group;

    @BeforeEach
    void begin() {
        one.start();
        other.start();
        for (int i = 0; i < 4; i++) {
            people.add(one.person());
        }
        group = one.group(people, false);
        for (PersonId person : people) {
            one.direct(people.getFirst(), person);
        }
    }

    @AfterEach
    void end() {
        one.close();
        other.close();
        own.close();
    }

    @Test
    void whateverIsWrittenAtOnce() throws Exception {
        long began = one.log.head().value();
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> readers = List.of(
                    threads.submit(() -> watchRows(one, done)),
                    threads.submit(() -> watchRows(other, done)),
                    threads.submit(() -> follow(one, people.get(1), done)),
                    threads.submit(() -> follow(other, people.get(2), done)));
            List<Future<?>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                Random random = new Random(i);
                writers.add(threads.submit(write(one, random)));
                writers.add(threads.submit(write(other, random)));
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
            done.set(true);
            for (Future<?> reader : readers) {
                reader.get();
            }
        }
        Set<Long> committed = positions(one, 0);
        assertThat(committed.size()).isGreaterThan(WRITERS * CHANGES);
        checkBus(one, committed, began);
        checkBus(other, committed, began);
    }

    private Callable<Boolean> write(Node node, Random random) {
        return () -> {
            List<MessageId> sent = new ArrayList<>();
            for (int i = 0; i < CHANGES; i++) {
                PersonId sender = people.get(random.nextInt(people.size()));
                PersonId recipient = people.get(random.nextInt(people.size()));
                switch (random.nextInt(8)) {
                    case 0 -> {
                        node.journal.personChanged(sender, people);
                    }
                    case 1 -> {
                        if (!sent.isEmpty()) {
                            node.journal.mark(recipient, Map.of(sent.removeFirst(), ReceiptStatus.READ));
                        }
                    }
                    case 2, 3, 4 -> sent.add(send(node, Node.toGroup(sender, group, "")).id());
                    default -> sent.add(send(node, Node.toPerson(people.getFirst(), recipient, "")).id());
                }
            }
            return true;
        };
    }

    private static Message send(Node node, Outgoing outgoing) {
        return node.journal.send(outgoing).message();
    }

    /** Every position that can be read, from one snapshot, with the head of the journal last. */
    private static Set<Long> positions(Node node, long after) {
        return new HashSet<>(node.database.read(handle -> handle.createQuery(
                """
                        SELECT position FROM message WHERE position > :after
                        UNION ALL SELECT position FROM notice WHERE position > :after
                        """)
                .bind("after", after)
                .mapTo(Long.class)
                .list()));
    }

    private boolean watchRows(Node node, AtomicBoolean done) {
        Set<Long> seen = new HashSet<>();
        long last = 0;
        for (boolean ended = false; !ended;) {
            ended = done.get();
            Set<Long> now = positions(node, 0);
            long before = last;
            assertThat(now).containsAll(seen);
            assertThat(now)
                    .as("appeared after %d had been seen", before)
                    .filteredOn(position -> !seen.contains(position))
                    .allMatch(position -> position > before);
            seen.addAll(now);
            last = seen.stream().mapToLong(each -> each).max().orElse(0);
            assertThat(node.log.head().value()).isGreaterThanOrEqualTo(last);
        }
        return true;
    }

    /** Reads on from where it is, as a stream does, and compares with what there is in the end. */
    private boolean follow(Node node, PersonId person, AtomicBoolean done) {
        List<Entry> followed = new ArrayList<>();
        Position cursor = Position.START;
        for (boolean ended = false; !ended;) {
            boolean last = done.get();
            Log.Page page = node.log.read(person, cursor, true, 20);
            followed.addAll(page.entries());
            assertThat(page.through()).isGreaterThanOrEqualTo(cursor);
            cursor = page.through();
            ended = last && !page.more();
        }
        List<Position> whole = node.log.read(person, Position.START, true, Integer.MAX_VALUE).entries().stream()
                .map(Entry::position)
                .toList();
        assertThat(followed).extracting(Entry::position).isEqualTo(whole);
        return true;
    }

    /**
     * What a bus hears is in order, and nothing was committed before it that was neither published nor told as missed.
     */
    private static void checkBus(Node node, Set<Long> committed, long began) {
        Set<Long> open = new HashSet<>(committed);
        open.removeIf(position -> position <= began);
        long last = 0;
        for (Node.Told told : node.heard.all()) {
            switch (told) {
                case Node.Told.Missed(Position through) -> open.removeIf(position -> position <= through.value());
                case Node.Told.MissedBy missed -> throw new AssertionError("nobody joins: " + missed);
                case Node.Told.Published(Entry entry) -> {
                    long position = entry.position().value();
                    assertThat(position).as("in order").isGreaterThan(last);
                    last = position;
                    open.remove(position);
                    assertThat(open).as("passed over").noneMatch(each -> each < position);
                }
            }
        }
    }
}
