package ephemera.server.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import ephemera.core.Ids;
import ephemera.core.directory.ClientId;
import ephemera.core.directory.Fingerprint;
import ephemera.core.directory.PersonId;
import ephemera.core.outreach.EntityText;
import ephemera.core.outreach.Outlook;
import ephemera.core.outreach.Webhook;
import ephemera.core.outreach.WebhookId;
import ephemera.core.talk.AuditTrail;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Message;
import ephemera.core.talk.Outgoing;
import ephemera.core.talk.Topic;
import ephemera.server.channel.webhook.Guard;
import ephemera.server.channel.webhook.WebhookCaller;
import ephemera.server.config.Config;
import ephemera.server.config.Networks;
import ephemera.server.work.WebhookRound;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An application with a person of its own, a topic that two people talk in, and receivers of webhooks. */
@Timeout(180)
abstract class WebhookScene {

    static final Ids IDS = new Ids(Clock.systemUTC(), new SecureRandom());
    static final Duration MINUTE = Duration.ofMinutes(1);
    static final WebhookRound.Meter UNCOUNTED = new WebhookRound.Meter() {
        @Override
        public void attempted(String outcome) {}

        @Override
        public void died(int deliveries) {}

        @Override
        public void waiting(int length, Duration oldest) {}
    };

    /** Every retry comes at once. */
    static final RandomGenerator IMPATIENT = new Random() {
        @Override
        public long nextLong(long bound) {
            return 0;
        }
    };

    final OwnDatabase own = new OwnDatabase();
    final Node node = new Node(own).start();
    final PersonId alice = node.person();
    final PersonId bob = node.person();
    final List<AutoCloseable> ends = new ArrayList<>();

    final ClientId client = client();
    final ConversationId topic = open("Invoice 12");

    /** An application with a person of its own. */
    ClientId client() {
        ClientId id = new ClientId(IDS.random());
        node.execute(
                """
                INSERT INTO client (client_id, organization_id, person_id, name, secret_hash, redirects)
                VALUES (?, ?, ?, 'App', ?, '{}')
                """,
                id.value(), Node.ORGANIZATION.token(), node.person().value(), Fingerprint.of("secret").bytes());
        return id;
    }

    ConversationId open(String subject) {
        Conversation.Group group = new Conversation.Group(
                new ConversationId(IDS.random()),
                Node.ORGANIZATION,
                new Conversation.Looks(subject, "", Optional.empty(), true, false),
                alice,
                Clock.systemUTC().instant(),
                Set.of(alice, bob),
                Set.of(),
                true);
        return node.journal.open(
                AuditTrail.Editor.of(alice), group, new Topic.About(subject, Optional.empty(), ""), "");
    }

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable end : ends.reversed()) {
            end.close();
        }
        node.close();
        own.close();
    }

    /** What a receiver got. */
    record Call(String body, String token, Optional<String> older) {

        JsonNode json() {
            return JsonMapper.shared().readTree(body);
        }

        String delivery() {
            String claims = new String(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]), UTF_8);
            return JsonMapper.shared().readTree(claims).required("jti").asString();
        }
    }

    /** A receiver that answers with the next of some statuses. */
    final class Receiver implements AutoCloseable {

        final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();
        final HttpServer server;

        Receiver(IntSupplier status) throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                calls.add(new Call(
                        new String(exchange.getRequestBody().readAllBytes(), UTF_8),
                        exchange.getRequestHeaders().getFirst("Tight-Verification"),
                        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Tight-Verification-Previous"))));
                exchange.sendResponseHeaders(status.getAsInt(), -1);
                exchange.close();
            });
            server.start();
            ends.add(this);
        }

        URI url() {
            return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/hook");
        }

        Call next() throws InterruptedException {
            Call call = calls.poll(60, TimeUnit.SECONDS);
            assertThat(call).as("a call").isNotNull();
            return call;
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    Webhook webhook(URI url) {
        Webhook webhook = new Webhook(new WebhookId(IDS.random()), Node.ORGANIZATION, client, url);
        node.webhooks.add(webhook);
        await(node.webhooks::areAny);
        return webhook;
    }

    /** Makes a round as a server does, and starts it. */
    WebhookRound round() {
        Guard guard = new Guard(new Config.Webhooks(true, Networks.of("127.0.0.1")));
        WebhookRound round = new WebhookRound(
                node.outbox,
                node.webhooks,
                text(),
                new WebhookCaller(guard, Clock.systemUTC()),
                IMPATIENT,
                UNCOUNTED);
        ends.add(round);
        round.start();
        return round;
    }

    /** What an application may be shown. */
    Outlook outlook() {
        return new Outlook(
                new PostgresClients(node.database), node.archive, new PostgresTopics(node.database, node.sealing));
    }

    /** Writes what changed as it is at that moment. */
    EntityText text() {
        return (webhook, update) -> outlook().of(webhook, update)
                .map(shown -> switch (shown) {
                    case Outlook.Shown.Said(Message message, var reactions) ->
                            "{\"id\":\"%s\",\"status\":\"ACTIVE\",\"text\":\"%s\",\"reactions\":%d}"
                                    .formatted(message.id(), message.content().body(), reactions.size());
                    case Outlook.Shown.Opened(Topic about) ->
                            "{\"id\":\"%s\",\"status\":\"ACTIVE\",\"subject\":\"%s\",\"resolved\":%b}"
                                    .formatted(about.id(), about.about().subject(), about.resolved());
                    case Outlook.Shown.Gone() ->
                            "{\"id\":\"%s\",\"status\":\"DELETED\"}".formatted(update.entity());
                })
                .map(json -> json.getBytes(UTF_8));
    }

    Message send() {
        return send(Node.outgoing(alice, topic, Optional.empty(), false, "", ""), true);
    }

    Message send(Outgoing like, boolean inTopic) {
        return node.journal
                .send(new Outgoing(
                        like.id(), like.organization(), like.conversation(), like.sender(), like.recipient(),
                        like.lifespan(), like.traits(), like.content(), like.origin(), like.contacts(), inTopic))
                .message();
    }

    long waiting() {
        return node.number("SELECT count(*) FROM webhook_delivery");
    }

    long count(String state) {
        return node.number("SELECT count(*) FROM webhook_delivery WHERE state = ?", state);
    }

    List<String> texts(String sql) {
        return node.database.read(handle -> handle.createQuery(sql).mapTo(String.class).list());
    }

    static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    List<PostgresOutbox.Claim> claim(int most, Duration lease) {
        return node.outbox.claim(most, 100, Map.of(), lease);
    }

    /** The kinds of what waits for one thing, in the order in which it is told. */
    List<String> told(UUID entity) {
        return node.database.read(handle -> handle.createQuery(
                "SELECT kind FROM webhook_delivery WHERE entity_id = :entity ORDER BY position")
                .bind("entity", entity)
                .mapTo(String.class)
                .list());
    }
}
