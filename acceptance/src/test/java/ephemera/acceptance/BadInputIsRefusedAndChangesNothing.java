package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ephemera.acceptance.badinput.CredentialRows;
import ephemera.acceptance.badinput.Expected;
import ephemera.acceptance.badinput.FieldRows;
import ephemera.acceptance.badinput.FileNameRows;
import ephemera.acceptance.badinput.ForeignRows;
import ephemera.acceptance.badinput.HttpRows;
import ephemera.acceptance.badinput.JsonRows;
import ephemera.acceptance.badinput.LimitRows;
import ephemera.acceptance.badinput.MultipartRows;
import ephemera.acceptance.badinput.PathRows;
import ephemera.acceptance.badinput.Request;
import ephemera.acceptance.badinput.Row;
import ephemera.acceptance.badinput.Snapshot;
import ephemera.acceptance.badinput.TolerantRows;
import ephemera.acceptance.badinput.World;
import ephemera.acceptance.client.Deadline;
import ephemera.acceptance.client.RawHttp;
import ephemera.acceptance.client.Reply;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/**
 * Whatever is wrong with a request, the answer is the contract's refusal, in time, and nothing is different afterwards.
 *
 * <p>The cases are the rows of the tables in {@code badinput}. After each, the people involved see what they saw
 * before, the server keeps no file that it did not keep before, and its log holds no error. A row that only reads is
 * judged together with the next one that does not, since looking at everything takes longer than most rows.
 */
class BadInputIsRefusedAndChangesNothing {

    private final World world = World.make();
    private final URI server = TheServer.process().url();
    private long logRead = logLength();
    private Set<String> files = Snapshot.files();
    private Optional<Snapshot> before = Optional.empty();

    @TestFactory
    Stream<DynamicContainer> everyRowOf() {
        return Stream.of(
                table("credentials that are none", CredentialRows.of(world)),
                table("bodies that are no JSON object", JsonRows.of(world)),
                table("values of the wrong type", FieldRows.wrongTypes(world)),
                table("fields that are missing", FieldRows.missing(world)),
                table("texts that are none", FieldRows.noTexts(world)),
                table("numbers, lengths and counts at their limits and beyond", LimitRows.of(world)),
                table("what belongs to another organization", ForeignRows.of(world)),
                table("what is hardly HTTP", HttpRows.of(world)),
                table("paths that try to be others", PathRows.of(world)),
                table("broken multipart bodies", MultipartRows.of(world)),
                table("file names that try to be more", FileNameRows.of(world)),
                table("what looks wrong and is right", TolerantRows.of(world)));
    }

    private DynamicContainer table(String name, List<Row> rows) {
        List<DynamicNode> tests = new ArrayList<>();
        rows.forEach(row -> tests.add(dynamicTest(row.name(), () -> judgeByName(row))));
        tests.add(dynamicTest("and in the end nothing has changed", this::requireNoChange));
        return dynamicContainer(name + " (" + rows.size() + ")", tests);
    }

    /** Reports name these tests by their numbers only. */
    private void judgeByName(Row row) {
        try {
            judge(row);
        } catch (AssertionError | UncheckedIOException e) {
            throw new AssertionError(row.name() + ": " + e.getMessage(), e);
        }
    }

    private void judge(Row row) {
        if (before.isEmpty()) {
            before = Optional.of(Snapshot.of(world));
        }
        long began = System.nanoTime();
        switch (row.expected()) {
            case Expected.Refused(int status, String code) -> requireRefusal(ask(row), status, code);
            case Expected.LikeMissing(RawHttp.Content missing) ->
                    requireSame(ask(row), RawHttp.exchange(server, row.name(), row.longest(), missing));
            case Expected.OneAnswerThenTheEnd(int status) -> requireOneAnswer(
                    RawHttp.conversation(server, row.name(), row.longest(), row.request()), status);
            case Expected.NobodyListens() -> RawHttp.breakOff(server, row.longest(), row.request());
            case Expected.Accepted(Consumer<Reply> check) -> {
                Reply reply = ask(row);
                assertThat(reply.isSuccess()).as(reply.toString()).isTrue();
                check.accept(reply);
            }
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began)).as("time until the answer").isLessThan(row.longest());
        requireCleanLog();
        if (row.expected() instanceof Expected.Accepted) {
            before = Optional.empty();
            files = Snapshot.files();
        } else {
            requireNoNewFile();
            if (!onlyReads(row)) {
                requireNoChange();
            }
        }
    }

    private Reply ask(Row row) {
        return RawHttp.exchange(server, row.name(), row.longest(), row.request());
    }

    private static boolean onlyReads(Row row) {
        return row.request() instanceof Request request && request.line().startsWith("GET ");
    }

    private static void requireRefusal(Reply reply, int status, String code) {
        assertThat(reply.status()).as(reply.toString()).isEqualTo(status);
        assertThat(reply.headers().get("content-type")).containsExactly("application/json");
        JsonNode body = reply.json();
        assertThat(body.propertyNames()).containsExactlyInAnyOrder("status", "error");
        assertThat(body.required("status").asString()).isEqualTo("fail");
        JsonNode error = body.required("error");
        assertThat(error.propertyNames()).containsExactlyInAnyOrder("code", "message");
        assertThat(error.required("code").asString()).isEqualTo(code);
        assertThat(error.required("message").asString()).isNotBlank().hasSizeLessThan(200)
                .doesNotContain("Exception", "\tat ", "java.", "SQL");
    }

    private static void requireSame(Reply about, Reply missing) {
        assertThat(about.status()).as(about.toString()).isLessThan(500);
        assertThat(about.status() + " " + about.headers() + " " + about.text())
                .isEqualTo(missing.status() + " " + missing.headers() + " " + missing.text());
    }

    private static void requireOneAnswer(String conversation, int status) {
        assertThat(conversation).startsWith("HTTP/1.").contains(" " + status + " ").contains("\"status\":\"fail\"");
        assertThat(conversation.split("HTTP/1\\.")).as("answers, after nothing").hasSize(2);
    }

    /** Judges by what is seen now; if it cannot be seen or is different, the next row begins anew. */
    private void requireNoChange() {
        Optional<Map<String, String>> seen = before.map(Snapshot::views);
        before = Optional.empty();
        Snapshot now = Snapshot.of(world);
        before = Optional.of(now);
        seen.ifPresent(views -> assertThat(now.views()).isEqualTo(views));
    }

    /** Waits, since a client that broke off is noticed a moment later. */
    private void requireNoNewFile() {
        try {
            Deadline.untilPasses(() -> assertThat(newFiles()).as("files left behind").isEmpty());
        } finally {
            files = Snapshot.files();
        }
    }

    private Set<String> newFiles() {
        Set<String> fresh = new TreeSet<>(Snapshot.files());
        fresh.removeAll(files);
        return fresh;
    }

    private void requireCleanLog() {
        try (RandomAccessFile log = new RandomAccessFile(TheServer.process().output().toFile(), "r")) {
            log.seek(logRead);
            byte[] fresh = new byte[Math.toIntExact(log.length() - logRead)];
            log.readFully(fresh);
            logRead += fresh.length;
            List<String> errors = new String(fresh, StandardCharsets.UTF_8).lines()
                    .filter(line -> line.matches("\\S+ (ERROR|SEVERE) .*") || line.startsWith("\tat ")
                            || line.contains("Exception"))
                    .toList();
            assertThat(errors).as("errors in the log").isEmpty();
        } catch (IOException e) {
            throw new AssertionError("the server's log cannot be read", e);
        }
    }

    private static long logLength() {
        return TheServer.process().output().toFile().length();
    }
}
