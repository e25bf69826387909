package ephemera.acceptance.vanishing;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.ServerProcess;
import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Deadline;
import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Reply;
import ephemera.acceptance.client.Tiger;
import ephemera.acceptance.faults.ScarceDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A disk without any room keeps nothing alive: what is over is not served, and is destroyed while the disk is full.
 *
 * <p>The disk is filled again and again, so that nobody lives on what was removed. Where the database ends, because it
 * cannot write its log, the keys of slices are destroyed all the same; what only the database knows waits. The disks
 * are tried at the same time: on each it takes the minute that messages live.
 */
class FullDiskStillExpires {
    private static final int LONG = 120;
    /** So many messages that there is no room in the pages that are there when each row changes, or is recorded. */
    private static final int CROWD = 150;
    private static final Duration EARLY_DEATH = Duration.ofSeconds(10);
    private static final Duration SLICE = Duration.ofSeconds(1);
    private static final Duration EPOCH = Duration.ofSeconds(2);
    /** Rounds of a second, and a busy machine. */
    private static final Duration LATE = Duration.ofSeconds(120);
    private static final String SHORT_LIVED = "-XX:TieredStopAtLevel=1";
    private static final String LARGE = "x".repeat(60_000);

    private static final Map<ScarceDisk, CompletableFuture<Void>> RUNS = new LinkedHashMap<>();
    private static ExecutorService workers;

    @BeforeAll
    static void begin() {
        List<ScarceDisk> disks = ScarceDisk.all();
        workers = Executors.newVirtualThreadPerTaskExecutor();
        disks.forEach(disk -> RUNS.put(disk, CompletableFuture.runAsync(() -> {
            try (disk; Life life = new Life(disk)) {
                life.pass();
            }
        }, workers)));
    }

    @AfterAll
    static void end() {
        workers.shutdown();
        workers.close();
    }

    static List<ScarceDisk> disks() {
        return List.copyOf(RUNS.keySet());
    }

    @ParameterizedTest
    @MethodSource("disks")
    void andDestroys(ScarceDisk disk) throws Exception {
        Optional.ofNullable(RUNS.get(disk)).orElseThrow().get(15, TimeUnit.MINUTES);
    }

    /** What happens on one disk. */
    private static final class Life implements AutoCloseable {
        private final ScarceDisk disk;
        private final ServerProcess server;
        private final Credentials alice;
        private final Credentials bob;
        private final Credentials carol;
        private final Sql sql;
        private final KeyFolder keys;
        private final List<Letter> living = new CopyOnWriteArrayList<>();
        private final List<Letter> expiring = new ArrayList<>();
        private final List<Letter> recalled = new ArrayList<>();
        private final List<Letter> burnt = new ArrayList<>();
        private final List<Letter> crowd = new ArrayList<>();
        private final List<Letter> expiringCrowd = new ArrayList<>();
        private int number;
        private Optional<Thread> filler = Optional.empty();

        Life(ScarceDisk disk) {
            this.disk = disk;
            server = ServerProcess.Launch.on(disk.path().resolve("data")).withDemo()
                    .with("--set", "vault.slice.short=" + SLICE.toSeconds() + "s",
                            "--set", "vault.epoch.narrowest=" + EPOCH.toSeconds() + "s",
                            "--set", "vault.early-death=" + EARLY_DEATH.toSeconds() + "s")
                    .withEnvironment(Map.of("EPHEMERA_JAVA_OPTS", SHORT_LIVED)).start();
            alice = server.demo().members().get(0).credentials();
            bob = server.demo().members().get(1).credentials();
            carol = server.demo().members().get(2).credentials();
            sql = new Sql(server.data());
            keys = KeyFolder.in(server.data());
        }

        @Override
        public void close() {
            if (server.isRunning()) {
                makeRoom();
            }
            server.close();
        }

        void pass() {
            sendLasting();
            Stream.of(living, recalled, burnt).forEach(this::assertAlive);
            // From here on it is a minute until the disk must be full.
            sendExpiring();
            assertAlive(expiring);
            Ending ending = Ending.of(Stream.concat(expiring.stream(), expiringCrowd.stream()).toList(), server.data());
            assertThat(keys.slices()).containsAll(ending.slices());
            assertThat(ending.folders()).hasSizeGreaterThan(1).isSubsetOf(folders());
            assertThat(ending.hasRows()).isTrue();
            Map<Letter, Set<String>> before = trees();
            Instant burning = burn();
            recallAndFill(burning);
            if (!disk.endsDatabase()) {
                assertAlive(expiring);
                Deadline.until("recalled messages have no keys", EARLY_DEATH.plus(LATE),
                        () -> recalled.stream().allMatch(each -> isReplaced(each, before)));
            }
            Instant last = expiringCrowd.getLast().end();
            // Without its database the server takes seconds for each refusal: several things are seen to meanwhile.
            CompletableFuture<List<String>> late = CompletableFuture.supplyAsync(() -> served(expiring), workers);
            Patience.until(last);
            CompletableFuture<Void> refusal = CompletableFuture.runAsync(this::assertRefused, workers);
            Duration longest = SLICE.plus(EPOCH).plus(LATE);
            Deadline.until("slices that are over have no keys", longest,
                    () -> keys.slices().stream().noneMatch(ending.slices()::contains));
            if (!disk.endsDatabase()) {
                Deadline.until("epochs that are over have no files", longest,
                        () -> folders().stream().noneMatch(ending.folders()::contains));
                Deadline.until("epochs that are over have no rows", longest, () -> !ending.hasRows());
                Patience.until(burning);
                Deadline.until("messages that were read have no keys", EARLY_DEATH.plus(LATE),
                        () -> Stream.of(burnt, crowd).flatMap(List::stream).allMatch(each -> isReplaced(each, before)));
                assertThat(served(dead())).as("on a full disk").isEmpty();
                assertAlive(living);
            }
            refusal.join();
            makeRoom();
            assertThat(late.join()).as("from their end on").isEmpty();
            assertCaughtUp(ending, before);
        }

        private void sendLasting() {
            crowd.addAll(sendCrowd(LONG - 30));
            for (int i = 0; i < 3; i++) {
                // Each has a slice of its own: with its key the one tree of this slice changes, and no other.
                burnt.add(send(draft("burnt " + i, LONG - i).withDeleteOnRead(true)));
                recalled.add(send(withFile(draft("recalled " + i, LONG - 10 - i))));
                living.add(send(withFile(draft("lives " + i, LONG - 20 - i))));
            }
        }

        private List<Letter> sendCrowd(int minutes) {
            return atOnce(Stream.generate(() -> draft("burnt with many", minutes).withDeleteOnRead(true)).limit(CROWD)
                    .toList(), this::send);
        }

        /** Lets the reader read; gives the instant at which the messages are over. */
        private Instant burn() {
            Tiger.at(server.url()).as(bob).read(Stream.of(burnt, crowd, expiringCrowd).flatMap(List::stream)
                    .map(Letter::id).toArray(String[]::new)).expect(200);
            return Instant.now().plusSeconds(60);
        }

        /** Sends into several slices and epochs. */
        private void sendExpiring() {
            for (int i = 0; i < 2; i++) {
                Patience.until(Instant.now().plus(EPOCH.multipliedBy(i)));
                expiring.add(send(draft("expires " + i, 1)));
                Letter withFile = send(withFile(draft("expires with a file " + i, 1)));
                expiring.add(withFile);
                expiring.add(withFile.forward(server.url(), carol));
                // When their epoch ends there is much to record of them.
                expiringCrowd.addAll(sendCrowd(1));
            }
        }

        private void recallAndFill(Instant burning) {
            // Just after a round of destroying single keys, so that at the next one the disk is full.
            Letter first = recalled.getFirst();
            recall(first);
            Deadline.until("a recalled message is recorded", EARLY_DEATH.plus(LATE),
                    () -> sql.texts(Sql.RECORD).contains("MESSAGE " + first.id()));
            recalled.stream().skip(1).forEach(this::recall);
            // The log of the database has room for a while, as it has on a server that has run for a while.
            sql.change("CHECKPOINT");
            fill();
            assertRefused();
            assertThat(Instant.now()).as("full in time").isBefore(burning).isBefore(expiring.getFirst().end());
        }

        private void recall(Letter letter) {
            Tiger.at(server.url()).as(letter.sender()).recall(letter.id()).expect(204);
        }

        /** There is no room: neither for a message nor for a file. */
        private void assertRefused() {
            Deadline.until("sends are refused", LATE, () -> !atOnce(
                    List.of(draft(LARGE, LONG), withFile(draft("small", LONG))), this::isAcknowledged).contains(true));
        }

        private boolean isAcknowledged(Draft draft) {
            Reply reply = Tiger.at(server.url()).as(alice).send(draft);
            assertThat(reply.status()).as(reply.toString()).isIn(200, 503);
            if (reply.status() == 200) {
                living.add(new Letter(reply.messageId(), alice, bob, draft, Instant.now()));
            }
            return reply.status() == 200;
        }

        /** Fills the disk, and lets nobody live on what is removed. */
        private void fill() {
            disk.fill(server);
            if (!disk.endsDatabase()) {
                filler = Optional.of(Thread.ofPlatform().start(() -> {
                    while (!Thread.currentThread().isInterrupted()) {
                        disk.fill(server);
                        LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
                    }
                }));
            }
        }

        private void makeRoom() {
            filler.ifPresent(Life::end);
            filler = Optional.empty();
            disk.makeRoom(server);
        }

        private static void end(Thread thread) {
            thread.interrupt();
            try {
                thread.join();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }

        private void assertCaughtUp(Ending ending, Map<Letter, Set<String>> before) {
            Deadline.until("sends work again", LATE,
                    () -> isAcknowledged(withFile(draft("afterwards", LONG))));
            Deadline.until("what is over is removed", EARLY_DEATH.plus(LATE),
                    () -> sql.number(Sql.WHAT_IS_LEFT_TO_DO) == 0);
            CompletableFuture<Void> check = CompletableFuture.runAsync(
                    () -> server.commands().run("record", "check").expectSuccess(), workers);
            List<String> record = sql.texts(Sql.RECORD);
            assertThat(record).doesNotHaveDuplicates().containsAll(ending.entries());
            assertThat(record.stream().filter(each -> each.startsWith("MESSAGE"))).containsExactlyInAnyOrderElementsOf(
                    Stream.of(recalled, burnt, crowd, expiringCrowd).flatMap(List::stream)
                            .map(each -> "MESSAGE " + each.id()).toList());
            assertThat(sql.texts(Sql.STRAY_PARTITIONS)).isEmpty();
            assertThat(ending.hasRows()).isFalse();
            assertThat(folders()).doesNotContainAnyElementsOf(ending.folders());
            assertThat(Stream.of(recalled, burnt, crowd).flatMap(List::stream)).allMatch(
                    each -> isReplaced(each, before));
            assertThat(dead()).allSatisfy(each -> assertThat(each.remains(server.url())).isEmpty());
            assertAlive(living);
            assertThat(living).filteredOn(each -> before.containsKey(each)).noneMatch(each -> isReplaced(each, before));
            check.join();
            // Nobody waits for an orderly end.
            server.killBoth();
        }

        private void assertAlive(List<Letter> letters) {
            assertThat(letters).allSatisfy(each -> assertThat(each.damage(server.url())).isEmpty());
        }

        private List<Letter> dead() {
            return Stream.of(expiring, recalled, burnt).flatMap(List::stream).toList();
        }

        /** What is served of messages from their end on; a server that has no database may refuse everything. */
        private List<String> served(List<Letter> letters) {
            return atOnce(letters.stream().flatMap(each -> Stream.of(each.sender(), each.reader()).distinct()
                    .flatMap(asking -> Stream.of(
                            new Question(each, tiger -> tiger.as(asking).message(each.id())),
                            new Question(each, tiger -> tiger.as(asking).attachment(each.id())),
                            new Question(each, tiger -> tiger.as(asking).forward(each.id(), alice.token())))))
                    .toList(), this::served)
                    .stream().flatMap(Optional::stream).toList();
        }

        private Optional<String> served(Question question) {
            Letter letter = question.letter();
            if (!burnt.contains(letter) && !recalled.contains(letter)) {
                Patience.until(letter.end());
            }
            Reply reply = question.ask().apply(Tiger.at(server.url()));
            boolean refused = reply.status() == 404 || reply.status() == 503;
            return refused && letter.secrets().noneMatch(reply.text()::contains) ? Optional.empty()
                    : Optional.of(reply.toString());
        }

        private static <T, R> List<R> atOnce(List<T> many, Function<T, R> work) {
            try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
                List<CompletableFuture<R>> running = many.stream().map(
                        one -> CompletableFuture.supplyAsync(() -> work.apply(one), each)).toList();
                return running.stream().map(CompletableFuture::join).toList();
            }
        }

        private Map<Letter, Set<String>> trees() {
            return Stream.of(recalled, burnt, crowd, living).flatMap(List::stream)
                    .collect(Collectors.toMap(each -> each, each -> keys.trees(each)));
        }

        private boolean isReplaced(Letter letter, Map<Letter, Set<String>> before) {
            Set<String> now = keys.trees(letter);
            return !now.isEmpty() && now.stream().noneMatch(before.getOrDefault(letter, Set.of())::contains);
        }

        /** The epochs that have a folder of files. */
        private Set<String> folders() {
            return KeyFolder.children(server.data().resolve("blobs")).stream()
                    .map(each -> each.getFileName().toString()).collect(Collectors.toSet());
        }

        private Letter send(Draft draft) {
            return Letter.send(server.url(), alice, bob, draft);
        }

        private Draft draft(String body, int minutes) {
            return Draft.to(bob.token(), number++ + " " + body).withTtl(minutes);
        }

        private static Draft withFile(Draft draft) {
            byte[] bytes = new byte[30_000];
            new Random(draft.body().hashCode()).nextBytes(bytes);
            return draft.withAttachment(draft.body() + ".bin", "application/octet-stream", bytes);
        }
    }

    /** A call that names a message. */
    private record Question(Letter letter, Function<Tiger, Reply> ask) {}

    /**
     * What must be gone in the end.
     *
     * @param slices the folders of keys
     * @param folders the folders of files
     * @param tables the files of tables and their indexes
     * @param entries what the deletion record has of it
     */
    private record Ending(Set<String> slices, List<String> folders, List<Path> tables, List<String> entries) {
        private static final String FILES = """
                SELECT pg_relation_filepath(oid) FROM pg_class WHERE relname ~ ? AND relkind IN ('r', 'i')
                UNION SELECT pg_relation_filepath(reltoastrelid) FROM pg_class
                       WHERE relname ~ ? AND relkind = 'r' AND reltoastrelid <> 0
                """;

        /** Writes down what ends with some messages, by the names that only the database knows. */
        static Ending of(List<Letter> letters, Path data) {
            Sql sql = new Sql(data);
            Set<String> slices = letters.stream().map(KeyFolder::slice).collect(Collectors.toSet());
            Object ids = Sql.ids(letters.stream().map(Letter::id).toList());
            String query = "SELECT DISTINCT epoch FROM message WHERE message_id = ANY (?)";
            List<String> epochs = sql.texts(query, ids);
            String names = "^(message|receipt|burn|notice|delivery)_(%s)(_|$)".formatted(String.join("|", epochs));
            return new Ending(slices,
                    sql.texts(query + " AND blobs IS NOT NULL", ids),
                    sql.texts(FILES, names, names).stream().map(data.resolve("postgres/cluster")::resolve).toList(),
                    // Of lifespans up to an hour the number is that of the second in which it ends.
                    Stream.concat(slices.stream().map(slice -> "SLICE hour-" + Long.parseLong(slice, 16)),
                            epochs.stream().map(epoch -> "EPOCH hour-" + epoch)).toList());
        }

        /** Of a dropped table an empty file may be left for a while, as a note that its name was used. */
        boolean hasRows() {
            return tables.stream().anyMatch(file -> file.toFile().length() > 0);
        }
    }
}
