package ephemera.acceptance.vanishing;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.ServerProcess;
import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Deadline;
import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.RawHttp;
import ephemera.acceptance.client.Tiger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A thousand messages with a canary in everything that they say, on every path that a message can take.
 *
 * <p>The methods are called one after the other; each works with several connections at once.
 */
final class Traffic {
    /** Attachments up to here are taken. */
    static final String LARGEST_FILE = "100KB";

    private static final int TOO_LARGE = 150_000;
    private static final int LONG = 120;
    private static final int PEOPLE = 12;
    private static final int AT_ONCE = 32;

    private final URI server;
    private final Canaries canaries;
    private final List<Credentials> people;
    private final List<String> groups = new ArrayList<>();
    private final Map<Fate, List<Letter>> letters = new EnumMap<>(Fate.class);

    /** What becomes of a message. */
    enum Fate {
        /** It outlives the test. */
        LIVES,
        /** Its sender takes it back. */
        RECALLED,
        /** All its readers read it, and it is deleted on reading. */
        BURNT,
        /** Its lifespan, a minute, ends. */
        EXPIRES
    }

    /** Makes people and groups. */
    Traffic(ServerProcess process, Canaries canaries) {
        this.server = process.url();
        this.canaries = canaries;
        this.people = process.commands().importPeople(process.demo().organization(), "writer", PEOPLE);
        for (int i = 0; i < 3; i++) {
            groups.add(as(person(i)).createGroup("Group " + i, true,
                    List.of(person(i + 1).token(), person(i + 2).token())).expect(200).groupToken());
        }
    }

    /** Everybody who writes and reads. */
    List<Credentials> people() {
        return people;
    }

    /** The messages with a fate. */
    List<Letter> of(Fate fate) {
        return letters.getOrDefault(fate, List.of());
    }

    /** Sends what lives for long, as far as nobody takes it back or reads it. */
    void sendLasting() {
        put(Fate.LIVES, 200, i -> send(i, draft(i, LONG)));
        put(Fate.LIVES, 20, i -> of(Fate.LIVES).get(i).forward(server, person(i + 5)));
        put(Fate.RECALLED, 150, i -> send(i, draft(i, LONG)));
        put(Fate.BURNT, 80, i -> send(i, draft(i, LONG).withDeleteOnRead(true)));
    }

    /** Sends what expires in a minute: to people, groups and people without account; forwards and reads it. */
    void sendExpiring() {
        put(Fate.EXPIRES, 350, i -> send(i, draft(i, 1)));
        put(Fate.EXPIRES, 100, i -> Letter.send(server, person(i), person(i),
                filled(i, Draft.to("away" + i + "@away.example", canaries.fresh()).withTtl(1))));
        put(Fate.EXPIRES, 100, i -> {
            Letter letter = of(Fate.EXPIRES).get(i);
            Tiger reader = as(letter.reader());
            reader.delivered(letter.id()).expect(200);
            reader.read(letter.id()).expect(200);
            return letter.forward(server, person(i + 4));
        });
    }

    /** Tries to send what is refused: to nobody, too long, with a file that is too large, or cut off half-way. */
    void sendRefused() {
        all(10, i -> as(person(i)).send(filled(i, Draft.to("3e3e3e3e-0000-4000-8000-000000000000", canaries.fresh())))
                .expect(400, 404));
        all(10, i -> as(person(i)).send(Draft.to(person(i + 1).token(), (canaries.fresh() + " ").repeat(4_000)))
                .expect(400, 413));
        all(10, i -> as(person(i)).send(Draft.to(person(i + 1).token(), canaries.fresh())
                .withAttachment(canaries.fresh(), "text/plain", file(canaries.fresh(), TOO_LARGE))).expect(400, 413));
        all(10, i -> {
            cutOff(person(i), person(i + 1));
            return i;
        });
    }

    private void cutOff(Credentials sender, Credentials recipient) {
        String head = """
                POST /v2/message HTTP/1.1
                Host: localhost
                Authorization: %s
                Content-Type: multipart/form-data; boundary=xxxx
                Content-Length: 90000

                --xxxx
                Content-Disposition: form-data; name="recipient"

                %s
                --xxxx
                Content-Disposition: form-data; name="body"

                %s
                --xxxx
                Content-Disposition: form-data; name="attachment"; filename="%s"
                Content-Type: text/plain

                """.formatted(sender.basic(), recipient.token(), canaries.fresh(), canaries.fresh());
        RawHttp.breakOff(server, Deadline.LONGEST, out -> {
            out.write(head.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.write(file(canaries.fresh(), 50_000));
            out.flush();
        });
    }

    /** Lets everybody read everything that is not acknowledged, once from the beginning and once after the first. */
    void replay() {
        all(PEOPLE, i -> {
            try (EventStream fresh = as(person(i)).events().untilLive()) {
                List<Event> messages = fresh.messages();
                assertThat(messages).isNotEmpty();
                try (EventStream again = EventStream.open(as(person(i)), List.of(),
                        Optional.of(messages.getFirst().lastEventId()))) {
                    return again.untilLive();
                }
            }
        });
    }

    /** Takes back what is to be taken back, and lets all readers read what is to be burnt. */
    void endEarly() {
        of(Fate.RECALLED).forEach(letter -> as(letter.sender()).recall(letter.id()).expect(204));
        List<String> burning = of(Fate.BURNT).stream().map(Letter::id).toList();
        people.forEach(person -> as(person).read(burning.toArray(String[]::new)).expect(200));
    }

    private Letter send(int i, Draft draft) {
        // Every fifth goes to a group, of which the reader is a member.
        if (i % 5 == 0) {
            int group = i / 5 % groups.size();
            return Letter.send(server, person(group), person(group + 1),
                    new Draft(groups.get(group), draft.body(), draft.ttl(), draft.deleteOnRead(), 0, draft.data(),
                            draft.attachment(), draft.requestId()));
        }
        return Letter.send(server, person(i), person(i + 1 + i / PEOPLE % 3), draft);
    }

    private Draft draft(int i, int minutes) {
        String reader = person(i + 1 + i / PEOPLE % 3).token();
        return filled(i, Draft.to(reader, canaries.fresh() + " and more").withTtl(minutes));
    }

    /** Gives every third a file, and every third data. */
    private Draft filled(int i, Draft draft) {
        return switch (i % 3) {
            case 0 -> draft.withAttachment(canaries.fresh() + ".txt", "text/plain",
                    file(canaries.fresh(), 1_000 + 97 * (i % 500)));
            case 1 -> draft.withData("ns:" + canaries.fresh(), "{\"x\":\"" + canaries.fresh() + "\"}");
            default -> draft;
        };
    }

    private static byte[] file(String canary, int length) {
        return (canary + "\n").repeat(length / canary.length()).getBytes(StandardCharsets.US_ASCII);
    }

    private Credentials person(int i) {
        return people.get(i % PEOPLE);
    }

    private Tiger as(Credentials person) {
        return Tiger.at(server).as(person);
    }

    private void put(Fate fate, int number, IntFunction<Letter> work) {
        List<Letter> more = all(number, work);
        letters.computeIfAbsent(fate, _ -> new ArrayList<>()).addAll(more);
    }

    private static <T> List<T> all(int number, IntFunction<T> work) {
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<T>> results = IntStream.range(0, number)
                    .mapToObj(i -> threads.submit(() -> work.apply(i))).collect(Collectors.toList());
            List<T> all = new ArrayList<>();
            for (Future<T> each : results) {
                all.add(each.get());
            }
            return all;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while messages were sent", e);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }
}
