package ephemera.acceptance.webhooks;

import ephemera.acceptance.Commands;
import ephemera.acceptance.ServerProcess;
import ephemera.acceptance.client.Reply;
import ephemera.acceptance.client.Tiger;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An application in an organization of its own, which talks by the Tight door.
 *
 * @param server where
 * @param organization its token
 * @param client its id
 * @param secret of the client
 */
record Application(ServerProcess server, String organization, String client, String secret) {
    /** What lets webhooks call receivers of this machine. */
    static final String[] ALLOWED = {"--set", "webhooks.insecure=true", "--set", "webhooks.allow=127.0.0.0/8"};

    /** A webhook, and with what its calls are signed. */
    record Hook(String id, String secret) {}

    /** Makes an application. */
    static Application in(ServerProcess server, String name) {
        Commands commands = server.commands();
        String organization = commands.createOrganization(name);
        JsonNode made =
                commands.run("client", "create", "--org", organization, "--name", name + " app", "--json").json();
        return new Application(
                server,
                organization,
                made.required("client_id").asString(),
                made.required("client_secret").asString());
    }

    /** The same application at a server that was started again. */
    Application at(ServerProcess other) {
        return new Application(other, organization, client, secret);
    }

    /** Runs a command as an operator who lets webhooks call this machine. */
    Commands.Outcome run(String... words) {
        String[] all = new String[words.length + ALLOWED.length];
        System.arraycopy(words, 0, all, 0, words.length);
        System.arraycopy(ALLOWED, 0, all, words.length, ALLOWED.length);
        return server.commands().run(all);
    }

    /** Has a receiver told of what changes. */
    Hook hook(Receiver receiver) {
        JsonNode made = run("webhook", "create", "--client", client, "--url", receiver.url(), "--json").json();
        return new Hook(made.required("webhook").asString(), made.required("secret").asString());
    }

    /** What was given up of a webhook's deliveries. */
    List<JsonNode> dead(Hook hook) {
        return run("webhook", "dead", "--webhook", hook.id(), "--json").expectSuccess().out().lines()
                .map(line -> JsonMapper.shared().readTree(line)).toList();
    }

    /** The API as the application itself. */
    Tiger api() {
        String basic = Base64.getEncoder().encodeToString((client + ":" + secret).getBytes(StandardCharsets.UTF_8));
        Reply token = Tiger.at(server.url()).withAuthorization("Basic " + basic).call(
                "POST",
                "/v6/auth/token",
                Map.of("Content-Type", "application/x-www-form-urlencoded"),
                "grant_type=client_credentials".getBytes(StandardCharsets.US_ASCII)).expect(200);
        return Tiger.at(server.url()).withAuthorization("Bearer " + token.json().required("access_token").asString());
    }

    /** Opens a conversation and gives its id. */
    String opened(String subject) {
        return item(api().post("/v6/conversations", Map.of(
                "data", List.of(Map.of("subject", subject, "message", Map.of("text", "first of " + subject))))));
    }

    /** Saves a message and gives its id. */
    String saved(String conversation, String text) {
        return item(api().post("/v6/messages", Map.of(
                "data", List.of(Map.of("conversationId", conversation, "text", text)))));
    }

    private static String item(Reply reply) {
        return reply.expect(200).json().required("data").get(0).required("data").required("id").asString();
    }

    /** What the door shows. */
    JsonNode shown(String url) {
        return api().get(url).expect(200).json().required("data");
    }

    /** The token by which the other door calls what this door calls by a prefix and a number. */
    static String token(String id) {
        BigInteger number = new BigInteger(id.substring(id.indexOf('_') + 1));
        return new UUID(number.shiftRight(64).longValue(), number.longValue()).toString();
    }
}
