package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ephemera.acceptance.client.Reply;
import ephemera.acceptance.client.Tight;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/**
 * Whatever is wrong with a call of an application, the answer names all of it, each with its type and its field, and
 * nothing is different afterwards.
 *
 * <p>The cases stand in {@code bad-input-of-applications.txt}, whose head says how to read them.
 */
class BadInputOfApplicationsIsRefused {
    private static final int FEWEST_CASES = 150;

    private final Office office = Office.make(2);
    private final Office foreign = Office.make(1);
    private final Tight writer = office.tight(0);
    private final Tight other = office.tight(1);
    private final Tight application = office.tight(Optional.empty(), "write");
    private final Map<String, String> names = new LinkedHashMap<>();
    private final Map<String, Tight> askers = new LinkedHashMap<>();

    BadInputOfApplicationsIsRefused() {
        Tight nobody = Tight.at(TheServer.process().url());
        askers.put("W", writer);
        askers.put("R", office.tight(Optional.of(office.token(0)), "read"));
        askers.put("A", application);
        askers.put("N", nobody);
        askers.put("B", nobody.withToken("0".repeat(43)));
        Tight stranger = foreign.tight(0);
        String conversation = writer.open("mine", "first");
        writer.save(conversation, "second", "third");
        writer.open("also mine", "first");
        String others = other.open("other", "first");
        String theirs = stranger.open("foreign", "first");
        names.put("conversation", conversation);
        names.put("message", message(writer, conversation));
        names.put("others-conversation", others);
        names.put("others-message", message(other, others));
        names.put("foreign-conversation", theirs);
        names.put("foreign-message", message(stranger, theirs));
        names.put("foreigner", foreign.token(0));
        names.put("too-long", "x".repeat(20_000));
        names.put("far-too-long", "x".repeat(70_000));
        names.put("used-key", "used-" + conversation);
        names.put("cursor", cursor(writer));
        names.put("others-cursor", cursor(other));
        names.put("applications-cursor", cursor(application));
        names.put("page-cursor", writer.get("/v6/conversations/" + conversation + "/messages?limit=1").expect(200)
                .json().required("cursor").required("after").asString());
        Tight.data(writer.postOnce("used-" + conversation, "/v6/messages",
                Map.of("data", List.of(Map.of("conversationId", conversation, "text", "once")))));
    }

    private static String message(Tight reader, String conversation) {
        return reader.messages(conversation).get(0).required("id").asString();
    }

    private static String cursor(Tight reader) {
        return reader.post("/v6/conversations/query", Map.of("limit", 1)).expect(200).json().required("cursor")
                .required("after").asString();
    }

    /**
     * One case.
     *
     * @param asker by which letter
     * @param header a header as name and value, or how often the body stands in a batch, or empty text
     * @param answer the status, and what is wrong
     */
    private record Case(String asker, String method, String path, String header, String body, String answer) {

        static Case of(String line) {
            String[] sides = line.split(" => ", 2);
            List<String> words = Arrays.stream(sides[0].split("\\|", 5)).map(String::strip).toList();
            return new Case(words.get(0), words.get(1), words.get(2), words.get(3), words.get(4), sides[1].strip());
        }

        String name() {
            String text = asker + " " + method + " " + path + " " + header + " " + body;
            return text.length() < 150 ? text : text.substring(0, 150) + "…";
        }
    }

    @TestFactory
    Stream<DynamicContainer> everyCase() {
        Map<String, List<DynamicNode>> tables = new LinkedHashMap<>();
        String title = "";
        int cases = 0;
        for (String line : lines()) {
            if (line.startsWith("## ")) {
                title = line.substring(3);
            } else if (!line.isBlank() && !line.startsWith("#")) {
                Case each = Case.of(line);
                tables.computeIfAbsent(title, _ -> new ArrayList<>()).add(dynamicTest(each.name(), () -> judge(each)));
                cases++;
            }
        }
        assertThat(cases).isGreaterThan(FEWEST_CASES);
        return tables.entrySet().stream().map(table -> dynamicContainer(table.getKey(), table.getValue()));
    }

    private static List<String> lines() {
        try (InputStream file = Objects.requireNonNull(
                BadInputOfApplicationsIsRefused.class.getResourceAsStream("/bad-input-of-applications.txt"))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void judge(Case each) {
        String before = state();
        Reply reply = ask(each);
        assertThat(reply.status()).as(reply.toString()).isBetween(200, 499);
        assertThat(told(reply)).as(reply.toString()).isEqualTo(each.answer());
        assertThat(state()).as("what is there afterwards").isEqualTo(before);
    }

    private Reply ask(Case each) {
        Map<String, String> headers = new LinkedHashMap<>();
        String body = filled(each.body());
        if (each.header().matches("\\d+")) {
            body = "{\"data\":[" + String.join(",", Collections.nCopies(Integer.parseInt(each.header()), body)) + "]}";
        } else if (!each.header().isEmpty()) {
            String[] header = filled(each.header()).split(":", 2);
            headers.put(header[0], header[1].strip());
        }
        boolean isForm = each.path().startsWith("/v6/auth/");
        if (each.method().equals("POST")) {
            headers.putIfAbsent("Content-Type", isForm ? "application/x-www-form-urlencoded" : "application/json");
        }
        Tight asker = switch (each.asker()) {
            case "C" -> signed(headers, office.clientId(), office.clientSecret());
            case "X" -> signed(headers, office.clientId(), foreign.clientSecret());
            case "Y" -> signed(headers, "nobody", office.clientSecret());
            case "K" -> signed(headers, office.clientId(), office.clientSecret());
            default -> Objects.requireNonNull(askers.get(each.asker()), each.asker());
        };
        return asker.call(each.method(), filled(each.path()), headers, body.getBytes(StandardCharsets.UTF_8));
    }

    private Tight signed(Map<String, String> headers, String id, String secret) {
        headers.put("Authorization", "Basic " + Base64.getEncoder()
                .encodeToString((id + ":" + secret).getBytes(StandardCharsets.UTF_8)));
        return Objects.requireNonNull(askers.get("N"));
    }

    private String filled(String text) {
        String filled = text;
        for (Map.Entry<String, String> name : names.entrySet()) {
            filled = filled.replace("{" + name.getKey() + "}", name.getValue());
        }
        return filled;
    }

    /** The status, then what is wrong with the whole, then in brackets what came of each item; no more than three. */
    private static String told(Reply reply) {
        JsonNode json = reply.json();
        if (json.path("error").isString()) {
            return reply.status() + " " + json.path("error").asString();
        }
        List<String> words = new ArrayList<>(List.of(Integer.toString(reply.status())));
        String whole = problems(json);
        if (!whole.isEmpty()) {
            words.add(whole);
        }
        if (json.path("data").isArray()) {
            json.path("data").valueStream().limit(4).forEach(item -> words.add("[" + Stream
                    .of(item.path("statusCode").asString(""), problems(item))
                    .filter(word -> !word.isEmpty())
                    .collect(Collectors.joining(" ")) + "]"));
        } else {
            assertThat(json.path("data").isNull()).as(reply.toString()).isTrue();
        }
        return String.join(" ", words);
    }

    private static String problems(JsonNode json) {
        return json.path("error").valueStream().map(problem -> {
            assertThat(problem.required("message").asString()).isNotBlank();
            return (problem.required("type").asString() + " " + problem.path("param").asString("")).strip();
        }).collect(Collectors.joining(", "));
    }

    /** All that the two of the organization have said and have. */
    private String state() {
        StringBuilder state = new StringBuilder();
        for (Tight reader : List.of(writer, other)) {
            state.append(reader.post("/v6/conversations/query", Map.of("limit", 250)).expect(200).text());
        }
        for (String name : List.of("conversation", "others-conversation")) {
            state.append(writer.get("/v6/conversations/" + names.get(name) + "/messages").expect(200).text());
        }
        return state.toString();
    }
}
