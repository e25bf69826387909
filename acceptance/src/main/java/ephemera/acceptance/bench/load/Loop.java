package ephemera.acceptance.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The one thread and selector that serve all connections of a load run.
 *
 * <p>{@link #execute} and {@link #await} may be called from any thread; everything else happens on the loop's thread.
 * An exception that a connection does not handle itself is an error of the client: it ends the loop and reaches the
 * caller of the next {@link #await}.
 */
public final class Loop implements AutoCloseable {
    /** How often the tasks given to {@link #onTick} run. */
    public static final Duration TICK = Duration.ofMillis(50);

    private static final int READ_BYTES = 256 << 10;

    private final Selector selector;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final List<Runnable> ticks = new ArrayList<>();
    private final ByteBuffer arrival = ByteBuffer.allocateDirect(READ_BYTES);
    private final byte[] bytes = new byte[READ_BYTES];
    private final Thread thread;
    private volatile boolean closed;
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    /** Starts the thread. */
    public Loop() {
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread = Thread.ofPlatform().name("load").daemon().start(this::run);
    }

    /** Runs a task on the loop's thread, soon and in the order of the calls. */
    public void execute(Runnable task) {
        tasks.add(task);
        if (!Thread.currentThread().equals(thread)) {
            selector.wakeup();
        }
    }

    /** Runs a task on the loop's thread at every {@link #TICK} until the loop is closed. */
    public void onTick(Runnable task) {
        execute(() -> ticks.add(task));
    }

    /**
     * Waits until a condition, judged on the loop's thread, holds; says whether it did before the time was over.
     *
     * @throws LoadFailure when the condition threw one
     */
    public boolean await(Duration longest, BooleanSupplier condition) {
        long deadline = System.nanoTime() + longest.toNanos();
        while (!get(condition::getAsBoolean)) {
            if (System.nanoTime() >= deadline) {
                return false;
            }
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
        return true;
    }

    /**
     * Runs a task on the loop's thread and waits for it.
     *
     * @throws LoadFailure when the task threw one
     */
    public void run(Runnable task) {
        boolean _ = get(() -> {
            task.run();
            return true;
        });
    }

    /** Closes every connection and ends the thread. */
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    Selector selector() {
        return selector;
    }

    /**
     * Asks something on the loop's thread, waits for the answer and gives it.
     *
     * @throws LoadFailure when the question threw one
     */
    public <T> T get(Supplier<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        execute(() -> {
            try {
                answer.complete(question.get());
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        CompletableFuture<Void> _ = end.whenComplete((_, failure) -> answer.completeExceptionally(
                failure == null ? new IllegalStateException("The load client's loop is closed.") : failure));
        try {
            return answer.get();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while waiting for the load client", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LoadFailure failure) {
                throw new LoadFailure(String.valueOf(failure.getMessage()));
            }
            throw new IllegalStateException("the load client failed: " + e.getCause(), e.getCause());
        }
    }

    private void run() {
        try {
            long nextTick = System.nanoTime() + TICK.toNanos();
            while (!closed) {
                long wait = Math.max(1, (nextTick - System.nanoTime()) / 1_000_000);
                selector.select(this::ready, wait);
                runTasks();
                if (System.nanoTime() >= nextTick) {
                    ticks.forEach(Runnable::run);
                    nextTick = System.nanoTime() + TICK.toNanos();
                }
            }
            end.complete(null);
        } catch (IOException | RuntimeException | Error e) {
            end.completeExceptionally(e);
        } finally {
            closeAll();
        }
    }

    private void runTasks() {
        Runnable task;
        while ((task = tasks.poll()) != null) {
            task.run();
        }
    }

    private void ready(SelectionKey key) {
        Connection connection = (Connection) key.attachment();
        try {
            connection.ready(key, arrival, bytes);
        } catch (IOException | ReplyParser.MalformedReply e) {
            connection.fail(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
        }
    }

    private void closeAll() {
        try {
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
            selector.close();
        } catch (IOException _) {
            // The process is about to end or to start the next round; there is nobody to tell.
        }
    }
}
