package ephemera.acceptance.bench;

import ephemera.acceptance.ServerProcess;
import ephemera.acceptance.bench.load.Histogram;
import ephemera.acceptance.bench.load.LoadFailure;
import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Reply;
import ephemera.acceptance.client.Tight;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * Part {@code applications}: what applications do by the Tight door, on a server of its own: batches that are saved,
 * all pages of one conversation forward and back, and conversations that are found by their records among very many.
 *
 * <p>Every saved message is counted when it is read: each page has what follows the page before.
 */
final class ApplicationsPart {
    private static final int CALLERS = 16;
    private static final int BATCH = 50;
    private static final int PAGE = 250;
    private static final int ASKED = 10;
    private static final String TEXT = "Please send the receipt of this transaction. ".repeat(3).strip();

    private final Path data;
    private final Size size;
    private final Report report;

    /**
     * How much is done.
     *
     * @param messages of the conversation whose pages are read
     * @param conversations among which some are looked for
     * @param queries how often, in a round
     * @param rounds how many rounds are measured
     * @param warmUp how long batches are saved before they are counted
     * @param round how long batches are counted in a round
     */
    record Size(int messages, int conversations, int queries, int rounds, Duration warmUp, Duration round) {
    }

    /** An organization with an application. */
    private record Office(ServerProcess server, List<Credentials> people, String clientId, String secret) {
        Tight member(int number) {
            return Tight.at(server.url()).signedIn(clientId, secret, Optional.of(people.get(number).token()), "write");
        }
    }

    /** Prepares the part; the data folder is made at the given path. */
    ApplicationsPart(Path data, Size size, Report report) {
        this.data = data;
        this.size = size;
        this.report = report;
    }

    /** Runs the part and adds its figures. */
    void run() {
        try (ServerProcess server = ServerProcess.start(data)) {
            String organization = server.commands().createOrganization("Books");
            List<Credentials> people = server.commands().importPeople(organization, "books", CALLERS);
            JsonNode client = server.commands()
                    .run("client", "create", "--org", organization, "--name", "Books", "--json").json();
            Office office = new Office(server, people, client.required("client_id").asString(),
                    client.required("client_secret").asString());
            batches(office);
            pages(office);
            records(office);
        }
    }

    // ---- batches ----

    private void batches(Office office) {
        List<Tight> callers = IntStream.range(0, CALLERS).mapToObj(office::member).toList();
        List<String> conversations =
                callers.stream().map(caller -> caller.open("Batches", "first")).toList();
        round(callers, conversations, size.warmUp());
        List<Double> perSecond = new ArrayList<>();
        List<Double> p99 = new ArrayList<>();
        List<Double> server = new ArrayList<>();
        List<Double> database = new ArrayList<>();
        for (int i = 0; i < size.rounds(); i++) {
            ProcessTimes before = ProcessTimes.now(Optional.of(office.server().pid()), office.server().databasePid());
            long begin = System.nanoTime();
            Histogram times = round(callers, conversations, size.round());
            double seconds = (System.nanoTime() - begin) / 1e9;
            ProcessTimes spent = ProcessTimes.now(Optional.of(office.server().pid()), office.server().databasePid())
                    .since(before);
            double messages = (double) times.count() * BATCH;
            perSecond.add(messages / seconds);
            p99.add(times.percentileMillis(99));
            server.add(spent.server() / messages);
            database.add(spent.database() / messages);
        }
        report.add("applications.saved_per_s", new Report.Reach.AtLeast(15_000), perSecond);
        report.add("applications.batch_p99_ms", p99);
        report.add("applications.cpu_server_us", server);
        report.add("applications.cpu_database_us", database);
    }

    /** Lets every caller save batches one after the other, and gives how long each took. */
    private static Histogram round(List<Tight> callers, List<String> conversations, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        List<Callable<Histogram>> tasks = IntStream.range(0, callers.size()).<Callable<Histogram>>mapToObj(i -> () -> {
            byte[] body = batch(conversations.get(i), BATCH);
            Histogram times = new Histogram();
            while (System.nanoTime() < end) {
                long begin = System.nanoTime();
                save(callers.get(i), body);
                times.record(System.nanoTime() - begin);
            }
            return times;
        }).toList();
        Histogram all = new Histogram();
        together(tasks).forEach(all::add);
        return all;
    }

    private static byte[] batch(String conversation, int messages) {
        String item = "{\"conversationId\":\"" + conversation + "\",\"text\":\"" + TEXT + "\"}";
        return ("{\"data\":[" + String.join(",", IntStream.range(0, messages).mapToObj(_ -> item).toList()) + "]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static void save(Tight caller, byte[] body) {
        Reply reply = caller.call("POST", "/v6/messages", Map.of("Content-Type", "application/json"), body);
        if (reply.status() != 200) {
            throw new LoadFailure("A batch was answered with " + reply);
        }
    }

    private static <T> List<T> together(List<Callable<T>> tasks) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<T> results = new ArrayList<>();
            for (Future<T> each : threads.invokeAll(tasks)) {
                results.add(each.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw new LoadFailure(String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LoadFailure("The run was interrupted.");
        }
    }

    // ---- pages ----

    private void pages(Office office) {
        Tight writer = office.member(0);
        String conversation = writer.open("Pages", "first");
        AtomicLong left = new AtomicLong((size.messages() - 1) / PAGE);
        byte[] body = batch(conversation, PAGE);
        together(IntStream.range(0, 4).<Callable<Boolean>>mapToObj(_ -> () -> {
            while (left.getAndDecrement() > 0) {
                save(writer, body);
            }
            return true;
        }).toList());
        Tight reader = office.member(1);
        List<Double> usual = new ArrayList<>();
        List<Double> forward = new ArrayList<>();
        List<Double> backward = new ArrayList<>();
        List<Double> growth = new ArrayList<>();
        walk(reader, conversation, "after", 200);
        for (int i = 0; i < size.rounds(); i++) {
            Walk there = walk(reader, conversation, "after", Integer.MAX_VALUE);
            Walk back = walk(reader, there.last(), conversation, "before");
            usual.add(percentile(there.nanos(), 50));
            forward.add(percentile(there.nanos(), 99));
            backward.add(percentile(back.nanos(), 99));
            int tenth = Math.max(1, there.nanos().size() / 10);
            growth.add(percentile(there.nanos().subList(there.nanos().size() - tenth, there.nanos().size()), 50)
                    / percentile(there.nanos().subList(0, tenth), 50));
        }
        report.add("applications.page_forward_p50_ms", usual);
        report.add("applications.page_forward_p99_ms", new Report.Reach.AtMost(10), forward);
        report.add("applications.page_backward_p99_ms", new Report.Reach.AtMost(10), backward);
        report.add("applications.last_pages_to_first_ratio", growth);
    }

    /**
     * Pages that were read one after the other.
     *
     * @param last the cursor of the one before the last, which leads back from the end
     */
    private record Walk(List<Long> nanos, Optional<String> last) {
    }

    private Walk walk(Tight reader, String conversation, String direction, int pages) {
        return walk(reader, conversation, direction, pages, Optional.empty());
    }

    private Walk walk(Tight reader, Optional<String> from, String conversation, String direction) {
        return walk(reader, conversation, direction, Integer.MAX_VALUE, from);
    }

    private Walk walk(Tight reader, String conversation, String direction, int pages, Optional<String> from) {
        String path = "/v6/conversations/" + conversation + "/messages?limit=" + PAGE;
        List<Long> nanos = new ArrayList<>();
        Set<String> firsts = new HashSet<>();
        Optional<String> cursor = from;
        Optional<String> back = Optional.empty();
        do {
            long begin = System.nanoTime();
            Reply reply = reader.get(path + cursor.map(each -> "&cursor=" + each).orElse(""));
            nanos.add(System.nanoTime() - begin);
            JsonNode json = reply.expect(200).json();
            if (!firsts.add(json.required("data").path(0).path("id").asString(""))) {
                throw new LoadFailure("A page came twice.");
            }
            cursor = text(json.path("cursor").path(direction));
            back = text(json.path("cursor").path("before"));
        } while (cursor.isPresent() && nanos.size() < pages);
        return new Walk(nanos, back);
    }

    private static Optional<String> text(JsonNode node) {
        return node.isString() ? Optional.of(node.asString()) : Optional.empty();
    }

    private static double percentile(List<Long> nanos, double percent) {
        Histogram histogram = new Histogram();
        nanos.forEach(histogram::record);
        return histogram.percentileMillis(percent);
    }

    // ---- records ----

    private void records(Office office) {
        Tight reader = office.member(2);
        String model = reader.open("Record", "first");
        try (BundledDatabase database = new BundledDatabase(office.server().data())) {
            database.run(connection -> {
                // Conversations in which nothing was said yet: what is looked for is found by its record.
                for (String sql : List.of(
                        """
                        INSERT INTO conversation (conversation_id, organization_id, is_group, name, created_by,
                                                  created_at)
                        SELECT gen_random_uuid(), organization_id, true, 'Benchmark ' || number, created_by, now()
                          FROM conversation, generate_series(1, ?) AS number WHERE conversation_id = ?
                        """,
                        """
                        INSERT INTO topic (conversation_id, organization_id, author_id, created_at, changed_at, subject,
                                           entity)
                        SELECT conversation_id, organization_id, created_by, created_at, created_at, name,
                               'btxn_' || row_number() OVER ()
                          FROM conversation WHERE name LIKE 'Benchmark %' AND ? > 0 AND conversation_id <> ?
                        """)) {
                    try (PreparedStatement statement = connection.prepareStatement(sql)) {
                        statement.setInt(1, size.conversations());
                        statement.setObject(2, UUID.fromString(Tight.uuid(model)));
                        statement.execute();
                    }
                }
                return true;
            });
            database.execute(List.of("VACUUM ANALYZE conversation", "VACUUM ANALYZE topic"));
            database.warm(List.of("conversation", "topic"));
        }
        List<Double> found = new ArrayList<>();
        query(reader, size.queries() / 10, -1);
        for (int i = 0; i < size.rounds(); i++) {
            found.add(percentile(query(reader, size.queries(), i), 99));
        }
        report.add("applications.query_p99_ms", new Report.Reach.AtMost(20), found);
    }

    /** Looks for conversations about some records out of all of them. */
    private List<Long> query(Tight reader, int times, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Long> nanos = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            List<String> records = random.ints(1, size.conversations() + 1).distinct().limit(ASKED)
                    .mapToObj(number -> "btxn_" + number).toList();
            Map<String, Object> body =
                    Map.of("filter", Map.of("attachedEntity", Map.of("id", Map.of("in", records))));
            long begin = System.nanoTime();
            Reply reply = reader.post("/v6/conversations/query", body);
            nanos.add(System.nanoTime() - begin);
            if (Tight.data(reply).size() != ASKED) {
                throw new LoadFailure("Not every record was found: " + reply);
            }
        }
        return nanos;
    }
}
