package ephemera.acceptance.faults;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.ServerProcess;
import ephemera.acceptance.TemporaryFolder;
import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Tiger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Server and database are killed again and again while people talk, and nothing that was acknowledged is lost, doubled
 * or out of order.
 *
 * <p>{@code -Dephemera.seed=N} repeats a run as far as the machine lets it; {@code -Dephemera.kills=N} makes it longer.
 */
class AcknowledgedMeansOnDisk {
    private static final int KILLS_OF_BOTH = Integer.getInteger("ephemera.kills", 20);
    private static final int PEOPLE = 12;
    private static final int GROUPS = 3;
    private static final int GROUP_SIZE = 5;
    private static final int SENDS_BETWEEN = 40;
    private static final Duration PATIENCE = Duration.ofSeconds(180);

    private final long seed = Long.getLong("ephemera.seed", ThreadLocalRandom.current().nextInt(1_000_000));
    private final Random random = new Random(seed);
    private final Promises promises = new Promises();
    private final CountDownLatch enough = new CountDownLatch(1);
    private final TemporaryFolder folder = TemporaryFolder.make();
    private ServerProcess server = ServerProcess.startDemo(folder.path().resolve("data"));

    @AfterEach
    void end() {
        enough.countDown();
        server.close();
        folder.close();
    }

    @Test
    void whateverIsKilledWhenever() {
        List<Credentials> people =
                server.commands().importPeople(server.demo().organization(), "talker", PEOPLE);
        List<Promises.Talk> groups = groups(people);
        List<Recipient> recipients = IntStream.range(0, PEOPLE)
                .mapToObj(i -> new Recipient(people.get(i).token(), as(people.get(i)), promises, seed + 1_000 + i))
                .toList();
        List<Thread> reading = recipients.stream().flatMap(each -> each.start().stream()).toList();
        List<Thread> talking = IntStream.range(0, PEOPLE)
                .mapToObj(i -> Thread.ofVirtual().start(correspondent(i, people, groups))).toList();

        List<Blow> blows = blows();
        for (Blow blow : blows) {
            int before = promises.count();
            LockSupport.parkNanos(Duration.ofMillis(200 + random.nextInt(1_000)).toNanos());
            await("sends go on before " + blow, () -> promises.count() >= before + SENDS_BETWEEN);
            server = blow.strike(server, random);
        }
        int before = promises.count();
        await("sends go on after the last kill", () -> promises.count() >= before + SENDS_BETWEEN);

        enough.countDown();
        talking.forEach(this::join);
        await("everybody has everything", () -> IntStream.range(0, PEOPLE)
                .allMatch(i -> recipients.get(i).has(promises.to(people.get(i).token()))));
        recipients.forEach(Recipient::finish);
        reading.forEach(this::join);
        server = Blow.BOTH.strike(server, random);

        promises.checkOrder();
        recipients.forEach(Recipient::checkEverythingCame);
        recipients.forEach(Recipient::checkReplay);
        recipients.forEach(Recipient::checkFiles);
        String run = ("seed %d: %d kills, %d sends acknowledged after %d retries, "
                + "%d messages came on %d streams, %d events acknowledged")
                .formatted(seed, blows.size() + 1, promises.count(), promises.retries(),
                        recipients.stream().mapToInt(Recipient::messages).sum(),
                        recipients.stream().mapToInt(Recipient::streams).sum(),
                        recipients.stream().mapToInt(Recipient::acknowledgements).sum());
        System.out.println("AcknowledgedMeansOnDisk, " + run);
        assertThat(promises.breaches()).as(run).isEmpty();
    }

    /** The kills, of which most are of both, in an order of chance. */
    private List<Blow> blows() {
        List<Blow> blows = new ArrayList<>(Collections.nCopies(KILLS_OF_BOTH, Blow.BOTH));
        for (Blow blow : Blow.values()) {
            blows.addAll(Collections.nCopies(blow == Blow.BOTH ? 0 : Math.ceilDiv(KILLS_OF_BOTH, 10), blow));
        }
        Collections.shuffle(blows, random);
        return blows;
    }

    private List<Promises.Talk> groups(List<Credentials> people) {
        return IntStream.range(0, GROUPS).mapToObj(i -> {
            List<Credentials> some = new ArrayList<>(people);
            Collections.shuffle(some, random);
            List<String> members = some.stream().limit(GROUP_SIZE).map(Credentials::token).toList();
            String[] others = members.stream().skip(1).toArray(String[]::new);
            String token = as(some.getFirst()).createGroup("Group " + i, others).expect(200).groupToken();
            return Promises.Talk.among(token, members);
        }).toList();
    }

    /** Somebody who talks to three others and in all groups of theirs. */
    private Correspondent correspondent(int who, List<Credentials> people, List<Promises.Talk> groups) {
        String token = people.get(who).token();
        List<Promises.Talk> talks = new ArrayList<>();
        groups.stream().filter(group -> group.members().contains(token)).forEach(talks::add);
        IntStream.rangeClosed(1, 3)
                .forEach(step -> talks.add(Promises.Talk.between(token, people.get((who + step) % PEOPLE).token())));
        return new Correspondent(token, as(people.get(who)), talks, promises, seed + who, enough);
    }

    private Tiger as(Credentials somebody) {
        return Tiger.at(server.url()).as(somebody);
    }

    private void await(String what, BooleanSupplier condition) {
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - begin).as("seed %d, nanoseconds until %s; breaches: %s", seed, what,
                    promises.breaches().stream().limit(5).toList()).isLessThan(PATIENCE.toNanos());
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private void join(Thread thread) {
        try {
            assertThat(thread.join(PATIENCE)).as("seed %d, the end of %s", seed, thread).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a thread", e);
        }
    }
}
