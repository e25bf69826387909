package ephemera.acceptance.vanishing;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.Commands;
import ephemera.acceptance.Demo;
import ephemera.acceptance.ServerProcess;
import ephemera.acceptance.TemporaryFolder;
import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Deadline;
import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Tiger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A server that is killed at a named step of destroying keys or of closing an epoch: the next one finishes it, loses
 * nothing that lives, leaves nothing half, and records each destruction once.
 *
 * <p>One data folder is prepared, with slices, epochs and burnt messages whose end comes while no server runs; each
 * step gets a copy. So there is one minute of waiting for all, and several copies are at work side by side. Of the
 * steps by which a file of keys is replaced some are left to the tests of the key store, which go through all.
 */
class EpochSurvivesKillAtEveryStep {
    private static final int SIDE_BY_SIDE = 3;
    private static final int KILLED = 137;
    /** These servers live for seconds: what the JVM would spend on optimising them is not won back. */
    private static final String SHORT_LIVED = "-XX:TieredStopAtLevel=1";
    private static final String SENDING = "KEY_FOLDER_MADE";
    private static final List<String> STEPS = List.of(
            // Of a slice.
            "SLICE_DUE", "KEY_CONDEMNED", "KEY_REMOVED", "KEY_FOLDER_REMOVED",
            "SLICE_KEYS_DESTROYED", "SLICE_RECORDED",
            // Of an epoch.
            "EPOCH_DUE", "EPOCH_FILES_REMOVED", "EPOCH_MESSAGES_DROPPED", "EPOCH_RECEIPTS_DROPPED",
            "EPOCH_NOTICES_DROPPED", "EPOCH_DELIVERIES_DROPPED", "EPOCH_REACTIONS_DROPPED", "EPOCH_AUDIT_DROPPED",
            "EPOCH_RECORDED",
            // Of messages that were burnt or recalled.
            "DOOMED_FILES_REMOVED", "DOOMED_SCRUBBED", "DOOMED_DUE", "KEY_NEW_ON_DISK", "KEY_OLD_LINKED", "KEY_RENAMED",
            "KEY_OLD_OVERWRITTEN", "KEY_OLD_REMOVED", "DOOMED_PUNCTURED", "DOOMED_RECORDED",
            // Of the first key of a slice.
            SENDING);

    private static final Map<String, CompletableFuture<Void>> RUNS = new HashMap<>();
    private static final List<Letter> LIVING = new ArrayList<>();
    private static final List<Letter> DEAD = new ArrayList<>();
    private static TemporaryFolder folder;
    private static ServerProcess.Launch prepared;
    private static Demo demo;
    private static Set<String> recorded;
    private static ExecutorService workers;

    @BeforeAll
    static void prepare() {
        folder = TemporaryFolder.make();
        prepared = launch(folder.path().resolve("prepared"), "1h").withDemo();
        try (ServerProcess server = prepared.start()) {
            demo = server.demo();
            fill(server.url());
            recorded = new TreeSet<>(new Sql(prepared.data()).texts(Sql.WHAT_ENDS_SOON
                    + " UNION SELECT 'MESSAGE ' || message_id FROM doomed UNION (" + Sql.RECORD + ")"));
            server.killBoth();
        }
        assertThat(recorded).filteredOn(each -> each.startsWith("SLICE")).hasSizeGreaterThan(2);
        assertThat(recorded).filteredOn(each -> each.startsWith("EPOCH")).hasSizeGreaterThan(1);
        assertThat(recorded).filteredOn(each -> each.startsWith("MESSAGE")).hasSize(6);
        // The last epoch ends at most so much after the last message.
        Patience.until(Instant.now().plusSeconds(60 + 1 + 4 + 1));
        workers = Executors.newFixedThreadPool(SIDE_BY_SIDE);
        STEPS.forEach(step -> RUNS.put(step, CompletableFuture.runAsync(() -> killAndCheck(step), workers)));
    }

    private static ServerProcess.Launch launch(Path data, String earlyDeath) {
        return ServerProcess.Launch.on(data).with("--set", "vault.slice.short=2s", "--set",
                "vault.epoch.narrowest=4s", "--set", "vault.early-death=" + earlyDeath)
                .withEnvironment(Map.of("EPHEMERA_JAVA_OPTS", SHORT_LIVED));
    }

    private static void fill(URI server) {
        for (int i = 0; i < 3; i++) {
            LIVING.add(sent(server, draft("lives " + i, 120)));
            LIVING.add(sent(server, withFile(draft("lives with a file " + i, 120))));
        }
        LIVING.add(LIVING.get(1).forward(server, who(2)));
        Instant start = Instant.now();
        for (int i = 0; i < 3; i++) {
            Patience.until(start.plusSeconds(3L * i));
            Letter expires = sent(server, draft("expires " + i, 1));
            Letter withFile = sent(server, withFile(draft("expires with a file " + i, 1)));
            Tiger.at(server).as(who(1)).read(expires.id()).expect(200);
            DEAD.addAll(List.of(expires, withFile, withFile.forward(server, who(2)),
                    Letter.send(server, who(0), who(0),
                            Draft.to("far" + i + "@away.example", "to nobody").withTtl(1))));
        }
        // Last, and nothing after it: no minute may pass before this server is killed.
        for (int i = 0; i < 3; i++) {
            Letter recalled = sent(server, withFile(draft("recalled " + i, 120)));
            Letter burnt = sent(server, withFile(draft("burnt " + i, 120).withDeleteOnRead(true)));
            Tiger.at(server).as(who(0)).recall(recalled.id()).expect(204);
            Tiger.at(server).as(who(1)).read(burnt.id()).expect(200);
            DEAD.addAll(List.of(recalled, burnt));
        }
    }

    private static Draft draft(String body, int minutes) {
        return Draft.to(who(1).token(), body).withTtl(minutes);
    }

    private static Draft withFile(Draft draft) {
        byte[] bytes = new byte[30_000];
        new Random(draft.body().hashCode()).nextBytes(bytes);
        return draft.withAttachment(draft.body() + ".bin", "application/octet-stream", bytes);
    }

    private static Letter sent(URI server, Draft draft) {
        return Letter.send(server, who(0), who(1), draft);
    }

    private static Credentials who(int member) {
        return demo.members().get(member).credentials();
    }

    @AfterAll
    static void remove() {
        if (workers != null) {
            workers.shutdownNow();
            workers.close();
        }
        folder.close();
    }

    static List<String> steps() {
        return STEPS;
    }

    @ParameterizedTest
    @MethodSource("steps")
    void andTheNextServerFinishesIt(String step) throws Exception {
        Optional.ofNullable(RUNS.get(step)).orElseThrow().get(10, TimeUnit.MINUTES);
    }

    private static void killAndCheck(String step) {
        Copy copy = Copy.of(prepared.data(), folder.path().resolve(step));
        ServerProcess.Launch launch = launch(copy.data(), "2s");
        assertThat(exitCodeOfServerThatEndsAt(step, launch)).as(step + ": how the server ended").isEqualTo(KILLED);
        try (ServerProcess server = launch.start()) {
            Sql sql = new Sql(copy.data());
            Deadline.until(step + " is caught up", Deadline.LONGEST.multipliedBy(2),
                    () -> sql.number(Sql.WHAT_IS_LEFT_TO_DO) == 0);
            assertNothingLost(server, step);
            assertNothingHalf(server, sql, step);
            // The server goes on between a look at the rows and one at the folders.
            Deadline.untilPasses(() -> assertOnlyFoldersOfTheLiving(server, sql, step));
            List<String> entries = sql.texts(Sql.RECORD);
            // What the server did meanwhile to a slice of this test's own making is recorded too.
            assertThat(entries).as(step).doesNotHaveDuplicates().containsAll(recorded);
            assertThat(entries.stream().filter(each -> each.startsWith("MESSAGE"))).as(step).hasSize(6);
            server.killBoth();
        }
        copy.remove();
    }

    private static int exitCodeOfServerThatEndsAt(String step, ServerProcess.Launch launch) {
        List<String> words = new ArrayList<>(List.of(Commands.projectRoot().resolve("bin/ephemera").toString(), "serve",
                "--data", launch.data().toString(), "--port", Integer.toString(launch.port())));
        words.addAll(launch.arguments());
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true)
                .redirectOutput(folder.path().resolve(step + ".killed.log").toFile());
        builder.environment().put("EPHEMERA_JAVA_OPTS", SHORT_LIVED + " -Dephemera.crash=" + step);
        try {
            Process process = builder.start();
            try {
                URI url = URI.create("http://127.0.0.1:" + launch.port());
                Deadline deadline = Deadline.in(Deadline.LONGEST.multipliedBy(4));
                while (!process.waitFor(100, TimeUnit.MILLISECONDS) && !deadline.isOver()) {
                    if (step.equals(SENDING)) {
                        sendInto(url);
                    }
                }
                return process.isAlive() ? -1 : process.exitValue();
            } finally {
                process.destroyForcibly().waitFor();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a server ended", e);
        }
    }

    private static void sendInto(URI url) {
        try {
            Tiger.at(url).as(who(0)).send(draft("cut off", 1));
        } catch (UncheckedIOException _) {
            // It is not there yet, or not any more.
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    private static void assertNothingLost(ServerProcess server, String step) {
        for (Letter each : LIVING) {
            assertThat(each.damage(server.url())).as(step + ": " + each.draft().body()).isEmpty();
        }
        // And it serves on.
        assertThat(sent(server.url(), withFile(draft("afterwards", 1))).damage(server.url())).as(step).isEmpty();
    }

    private static void assertNothingHalf(ServerProcess server, Sql sql, String step) {
        for (Letter each : DEAD) {
            assertThat(each.remains(server.url())).as(step + ": " + each.draft().body()).isEmpty();
        }
        Object dead = Sql.ids(DEAD.stream().map(Letter::id).toList());
        assertThat(sql.texts("SELECT message_id FROM message WHERE message_id = ANY (?) AND content IS NOT NULL", dead))
                .as(step + ": contents").isEmpty();
        assertThat(sql.texts("SELECT message_id FROM doomed UNION SELECT message_id FROM delivery")).as(step).isEmpty();
        assertThat(sql.texts(Sql.STRAY_PARTITIONS)).as(step).isEmpty();
        assertThat(files(server.data().resolve("keys"))).as(step + ": what was interrupted")
                .noneMatch(file -> file.endsWith(".new") || file.endsWith(".dead"));
        assertThat(files(server.data().resolve("blobs"))).as(step + ": files")
                // Four of those that live, one of this server.
                .hasSizeLessThanOrEqualTo(5);
    }

    private static void assertOnlyFoldersOfTheLiving(ServerProcess server, Sql sql, String step) {
        List<String> open = sql.texts("SELECT epoch FROM epoch");
        assertThat(names(server.data().resolve("blobs"))).as(step + ": folders of files")
                .isSubsetOf(Stream.concat(open.stream(), Stream.of("new", "pictures")).toList());
        List<String> living = sql.texts("SELECT lpad(to_hex(slice), 9, '0') FROM slice WHERE destroyed_at IS NULL");
        assertThat(names(server.data().resolve("keys"))).as(step + ": folders of keys")
                .filteredOn(name -> name.matches("[0-9a-f]{9}")).isSubsetOf(living);
    }

    private static List<String> names(Path parent) {
        try (Stream<Path> all = Files.list(parent)) {
            return all.map(each -> each.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> files(Path parent) {
        try (Stream<Path> all = Files.walk(parent)) {
            return all.filter(Files::isRegularFile).map(Path::toString).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
