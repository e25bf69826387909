package ephemera.acceptance.faults;

import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Reply;
import ephemera.acceptance.client.Tiger;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * Somebody who says one thing after the other, and repeats each under its request id until it is acknowledged.
 *
 * <p>To be run by one thread.
 */
final class Correspondent implements Runnable {
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(60);
    private static final Duration LONGEST = Duration.ofSeconds(300);
    private static final int LONGEST_PADDING = 1_500;

    private final String token;
    private final Tiger tiger;
    private final List<Promises.Talk> talks;
    private final Promises promises;
    private final Random random;
    private final CountDownLatch enough;
    private final Map<Promises.Talk, Integer> turns = new HashMap<>();

    /** Makes somebody who talks until the latch is at zero. */
    Correspondent(String token, Tiger tiger, List<Promises.Talk> talks, Promises promises, long seed,
            CountDownLatch enough) {
        this.token = token;
        this.tiger = tiger;
        this.talks = talks;
        this.promises = promises;
        this.random = new Random(seed);
        this.enough = enough;
    }

    @Override
    public void run() {
        try {
            while (enough.getCount() > 0) {
                say(talks.get(random.nextInt(talks.size())));
            }
        } catch (RuntimeException | AssertionError e) {
            promises.breach("a sender gave up: " + e);
        }
    }

    private void say(Promises.Talk talk) {
        int turn = turns.merge(talk, 1, Integer::sum) - 1;
        String label = Promises.Said.label(token, talk, turn);
        Draft draft = Draft.to(talk.address(), label + " " + "x".repeat(random.nextInt(LONGEST_PADDING)));
        if (random.nextInt(60) == 0) {
            draft = draft.withAttachment("note.txt", "text/plain", Promises.file(label));
        }
        Promises.Said said = new Promises.Said(token, talk, turn, draft);
        long begin = System.nanoTime();
        while (!isAcknowledged(said)) {
            if (System.nanoTime() - begin > LONGEST.toNanos()) {
                throw new AssertionError("A send was not acknowledged within " + LONGEST);
            }
            promises.retried();
            LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
        }
    }

    /** Tries once; a refusal that is not "try again" is a breach. */
    private boolean isAcknowledged(Promises.Said said) {
        try {
            Reply reply = tiger.send(said.draft());
            if (reply.status() == 200) {
                promises.acknowledged(said, reply);
                return true;
            }
            if (reply.status() != 503) {
                promises.breach("a send was refused: " + reply);
            }
            return false;
        } catch (UncheckedIOException _) {
            // Nobody answered: whether it was stored is what the repetition finds out.
            return false;
        }
    }
}
