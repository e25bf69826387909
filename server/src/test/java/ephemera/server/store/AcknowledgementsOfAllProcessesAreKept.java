package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.PersonId;
import ephemera.core.inbox.Ranges;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many people acknowledge to two processes at once; nothing is lost, and nobody waits for ever for somebody else. */
@Timeout(180)
class AcknowledgementsOfAllProcessesAreKept {

    private static final int PEOPLE = 20;
    private static final int EVENTS = 60;

    @Test
    void whoeverTakesThem() throws Exception {
        try (OwnDatabase own = new OwnDatabase();
                Node one = new Node(own).start();
                Node other = new Node(own).start()) {
            List<PersonId> people = new ArrayList<>();
            for (int i = 0; i < PEOPLE; i++) {
                people.add(one.person());
            }
            for (int i = 0; i < EVENTS; i++) {
                one.journal.personChanged(people.getFirst(), people);
            }
            Map<PersonId, Set<Long>> acknowledged = new HashMap<>();
            List<Future<?>> calls = new ArrayList<>();
            Random random = new Random(4);
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (PersonId person : people) {
                    List<Entry> told = one.log.read(person, Position.START, false, 1_000).entries();
                    assertThat(told).hasSize(EVENTS);
                    for (Entry entry : told) {
                        if (random.nextInt(3) > 0) {
                            long position = entry.position().value();
                            acknowledged.computeIfAbsent(person, _ -> new HashSet<>()).add(position);
                            Node node = random.nextBoolean() ? one : other;
                            Ranges ranges = new Ranges(List.of(new Ranges.Range(position, position)));
                            calls.add(threads.submit(() -> node.log.acknowledge(person, ranges)));
                        }
                    }
                }
                for (Future<?> call : calls) {
                    call.get();
                }
            }
            for (PersonId person : people) {
                Set<Long> kept = Objects.requireNonNull(acknowledged.get(person));
                assertThat(other.log.read(person, Position.START, false, 1_000).entries())
                        .hasSize(EVENTS - kept.size())
                        .noneMatch(entry -> kept.contains(entry.position().value()));
            }
        }
    }
}
