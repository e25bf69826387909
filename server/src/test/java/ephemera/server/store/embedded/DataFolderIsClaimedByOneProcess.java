package ephemera.server.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.server.StartFailure;
import ephemera.server.store.embedded.DataFolder.Holder;
import ephemera.server.store.embedded.DataFolder.Purpose;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderIsClaimedByOneProcess {

    @TempDir
    private Path temp;
    private final Queue<DataFolder> kept = new ConcurrentLinkedQueue<>();

    @Test
    void itIsCreatedForItsOwnerOnly() throws Exception {
        try (DataFolder folder = DataFolder.claim(temp.resolve("a/b/data"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.path())))
                    .isEqualTo("rwx------");
            assertThat(
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.path().resolve("server.lock"))))
                    .isEqualTo("rw-------");
            assertThat(folder.postgres()).isEqualTo(folder.path().resolve("postgres"));
        }
    }

    @Test
    void aSecondClaimNamesTheFirst() throws Exception {
        try (ChildServer other = ChildServer.thatClaims(temp)) {
            assertThat(other.line()).isEqualTo("claimed");
            assertThat(DataFolder.peek(temp)).contains(new Holder(other.pid(), Purpose.SERVER));
            assertThatThrownBy(() -> DataFolder.claim(temp)).isInstanceOf(StartFailure.class)
                    .hasMessageContaining("process id " + other.pid()).hasMessageContaining("--data");
        }
        DataFolder.claim(temp).close();
    }

    @Test
    void peekingDoesNotGiveTheClaimAway() throws Exception {
        long mine = ProcessHandle.current().pid();
        try (DataFolder folder = DataFolder.claim(temp)) {
            assertThat(DataFolder.peek(temp)).contains(new Holder(mine, Purpose.SERVER));
            assertThatThrownBy(() -> DataFolder.claim(folder.path())).hasMessageContaining("process id " + mine);
            try (ChildServer other = ChildServer.thatClaims(temp)) {
                assertThat(other.line()).contains("process id " + mine);
            }
        }
        assertThat(DataFolder.peek(temp)).isEmpty();
    }

    @Test
    void theLockOfAKilledProcessIsNoObstacle() throws Exception {
        ChildServer other = ChildServer.thatClaims(temp);
        assertThat(other.line()).isEqualTo("claimed");
        other.kill();
        assertThat(temp.resolve("server.lock")).content().startsWith(Long.toString(other.pid()));
        assertThat(DataFolder.peek(temp)).isEmpty();
        DataFolder.claim(temp).close();
    }

    @Test
    void ofTwoAtOnceExactlyOneGetsIt() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletableFuture<String> one = CompletableFuture.supplyAsync(() -> outcome(gate), threads);
            CompletableFuture<String> two = CompletableFuture.supplyAsync(() -> outcome(gate), threads);
            gate.countDown();
            assertThat(List.of(one.get(), two.get())).containsExactlyInAnyOrder("claimed", "refused");
        } finally {
            kept.forEach(DataFolder::close);
        }
    }

    /** Keeps what it claims, so that the other cannot have it afterwards. */
    private String outcome(CountDownLatch gate) {
        try {
            gate.await();
            kept.add(DataFolder.claim(temp));
            return "claimed";
        } catch (StartFailure _) {
            return "refused";
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aServerWaitsForACommandToFinish() throws Exception {
        DataFolder command = DataFolder.claim(temp, Purpose.COMMAND);
        CompletableFuture<DataFolder> server = new CompletableFuture<>();
        Thread waiting = Thread.startVirtualThread(() -> server.complete(DataFolder.claim(temp)));
        assertThat(Deadline.in(Duration.ofSeconds(60)).await(Duration.ofMillis(5),
                () -> waiting.getState() == Thread.State.TIMED_WAITING)).isTrue();
        assertThat(server).isNotDone();
        command.close();
        server.get().close();
    }

    @Test
    void aPathThatCannotBeAFolderIsOneSentence() throws Exception {
        Path file = Files.createFile(temp.resolve("file"));
        assertThatThrownBy(() -> DataFolder.claim(file.resolve("data"))).isInstanceOf(StartFailure.class)
                .hasMessageContaining("--data DIR");
        assertThat(DataFolder.peek(temp.resolve("nowhere"))).isEmpty();
    }
}
