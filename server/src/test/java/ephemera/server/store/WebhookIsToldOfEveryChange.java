package ephemera.server.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import ephemera.core.Ids;
import ephemera.core.directory.ClientId;
import ephemera.core.directory.Fingerprint;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import ephemera.core.outreach.EntityText;
import ephemera.core.outreach.Outcome;
import ephemera.core.outreach.Outlook;
import ephemera.core.outreach.Trouble;
import ephemera.core.outreach.Webhook;
import ephemera.core.outreach.WebhookId;
import ephemera.core.outreach.WebhookSecret;
import ephemera.core.talk.AuditTrail;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Emoji;
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
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** From the change of a message to a real receiver, through the database. */
@Timeout(60)
class WebhookIsToldOfEveryChange {

    private static final Ids IDS = new Ids(Clock.systemUTC(), new SecureRandom());
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final WebhookRound.Meter UNCOUNTED = new WebhookRound.Meter() {
        @Override
        public void attempted(String outcome) {}

        @Override
        public void died(int deliveries) {}

        @Override
        public void waiting(int length, Duration oldest) {}
    };

    /** Every retry comes at once. */
    private static final RandomGenerator IMPATIENT = new Random() {
        @Override
        public long nextLong(long bound) {
            return 0;
        }
    };

    private final OwnDatabase own = new OwnDatabase();
    private final Node node = new Node(own).start();
    private final PersonId alice = node.person();
    private final PersonId bob = node.person();
    private final List<AutoCloseable> ends = new ArrayList<>();

    private final ClientId client = client();
    private final ConversationId topic = open("Invoice 12");

    /** An application with a person of its own. */
    private ClientId client() {
        ClientId id = new ClientId(IDS.random());
        node.execute(
                """
                INSERT INTO client (client_id, organization_id, person_id, name, secret_hash, redirects)
                VALUES (?, ?, ?, 'App', ?, '{}')
                """,
                id.value(), Node.ORGANIZATION.token(), node.person().value(), Fingerprint.of("secret").bytes());
        return id;
    }

    private ConversationId open(String subject) {
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
    private record Call(String body, String token, Optional<String> older) {

        JsonNode json() {
            return JsonMapper.shared().readTree(body);
        }

        String delivery() {
            String claims = new String(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]), UTF_8);
            return JsonMapper.shared().readTree(claims).required("jti").asString();
        }
    }

    /** A receiver that answers with the next of some statuses. */
    private final class Receiver implements AutoCloseable {

        private final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();
        private final HttpServer server;

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
            Call call = calls.poll(20, TimeUnit.SECONDS);
            assertThat(call).as("a call").isNotNull();
            return call;
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    private Webhook webhook(URI url) {
        Webhook webhook = new Webhook(new WebhookId(IDS.random()), Node.ORGANIZATION, client, url);
        node.webhooks.add(webhook);
        await(node.webhooks::areAny);
        return webhook;
    }

    /** Makes a round as a server does, and starts it. */
    private WebhookRound round() {
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

    /** Writes what changed as it is at that moment. */
    private EntityText text() {
        Outlook outlook = new Outlook(
                new PostgresClients(node.database), node.archive, new PostgresTopics(node.database, node.sealing));
        return (webhook, update) -> outlook.of(webhook, update)
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

    private Message send() {
        return send(Node.outgoing(alice, topic, Optional.empty(), false, "", ""), true);
    }

    private Message send(Outgoing like, boolean inTopic) {
        return node.journal
                .send(new Outgoing(
                        like.id(), like.organization(), like.conversation(), like.sender(), like.recipient(),
                        like.lifespan(), like.traits(), like.content(), like.origin(), like.contacts(), inTopic))
                .message();
    }

    private long waiting() {
        return node.number("SELECT count(*) FROM webhook_delivery");
    }

    private long count(String state) {
        return node.number("SELECT count(*) FROM webhook_delivery WHERE state = ?", state);
    }

    private List<String> texts(String sql) {
        return node.database.read(handle -> handle.createQuery(sql).mapTo(String.class).list());
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    private List<PostgresOutbox.Claim> claim(int most, Duration lease) {
        return node.outbox.claim(most, 100, Map.of(), lease);
    }

    @Test
    void asItIsWhenItIsSent() throws Exception {
        Receiver receiver = new Receiver(() -> 200);
        webhook(receiver.url());
        round();
        Message message = send();
        JsonNode told = receiver.next().json();
        assertThat(told.required("id").asString()).isEqualTo(message.id().toString());
        assertThat(told.required("text").asString()).isEqualTo("hello");
        await(() -> waiting() == 0);
        assertThat(node.journal.recall(message)).isTrue();
        assertThat(receiver.next().json().required("status").asString()).isEqualTo("DELETED");
        await(() -> waiting() == 0);
    }

    @Test
    void andNothingOfAMessageIsLeftForItAfterTheMessagesEnd() throws Exception {
        Receiver receiver = new Receiver(() -> 200);
        webhook(receiver.url());
        Message message = send();
        assertThat(texts("SELECT webhook_delivery::text FROM webhook_delivery"))
                .singleElement()
                .satisfies(row -> assertThat(row).contains(message.id().toString()).doesNotContain("hello"));
        // The first attempt fails while the message lives; the retry comes after its end.
        PostgresOutbox.Claim claim = claim(1, MINUTE).getFirst();
        node.outbox.again(claim, Outcome.Failed.of(Trouble.TIMED_OUT), Duration.ZERO);
        node.journal.recall(message);
        round();
        assertThat(receiver.next().body()).contains(message.id().toString(), "DELETED").doesNotContain("hello");
    }

    /** The kinds of what waits for one thing, in the order in which it is told. */
    private List<String> told(UUID entity) {
        return node.database.read(handle -> handle.createQuery(
                "SELECT kind FROM webhook_delivery WHERE entity_id = :entity ORDER BY position")
                .bind("entity", entity)
                .mapTo(String.class)
                .list());
    }

    @Test
    void ofConversationsAndReactionsToo() throws Exception {
        Receiver receiver = new Receiver(() -> 200);
        webhook(receiver.url());
        round();
        ConversationId opened = open("Invoice 13");
        JsonNode first = receiver.next().json();
        assertThat(first.required("id").asString()).isEqualTo(opened.toString());
        assertThat(first.required("subject").asString()).isEqualTo("Invoice 13");
        Message message = send();
        assertThat(receiver.next().json().required("reactions").asInt()).isZero();
        node.journal.react(AuditTrail.Editor.of(bob), message, Emoji.EYES);
        assertThat(receiver.next().json().required("reactions").asInt()).isEqualTo(1);
        node.journal.react(AuditTrail.Editor.of(bob), message, Emoji.EYES);
        node.journal.unreact(AuditTrail.Editor.of(bob), message, Emoji.EYES);
        assertThat(receiver.next().json().required("reactions").asInt()).as("a repetition tells nothing").isZero();
        node.journal.delete(opened, alice);
        assertThat(receiver.next().json()).isEqualTo(JsonMapper.shared().readTree(
                "{\"id\":\"%s\",\"status\":\"DELETED\"}".formatted(opened)));
    }

    @Test
    void alsoThatAMessageOpensAResolvedConversationAgain() {
        webhook(URI.create("https://a.example/"));
        Topic about = new PostgresTopics(node.database, node.sealing)
                .topic(topic, Node.ORGANIZATION, alice)
                .orElseThrow();
        node.journal.change(AuditTrail.Editor.of(bob), about, new Topic.Change(
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(true)));
        assertThat(told(topic.value())).containsExactly("CONVERSATION");
        Message message = send();
        assertThat(told(message.id().value())).containsExactly("MESSAGE");
        assertThat(told(topic.value())).as("resolved, and opened").containsExactly("CONVERSATION", "CONVERSATION");
        send();
        assertThat(told(topic.value())).as("open it was already").hasSize(2);
    }

    @Test
    void butNotOfWhatTheApiDoesNotShow() {
        node.direct(alice, bob);
        ConversationId group = node.group(List.of(alice, bob), false);
        webhook(URI.create("https://a.example/"));
        Message direct = node.journal.send(Node.toPerson(alice, bob, "")).message();
        node.journal.react(AuditTrail.Editor.of(bob), direct, Emoji.EYES);
        node.journal.recall(direct);
        node.journal.recall(node.journal.send(Node.toGroup(alice, group, "")).message());
        node.journal.delete(group, alice);
        assertThat(waiting()).isZero();
    }

    @Test
    void amongMessagesThatAreStoredAtOnce() {
        webhook(URI.create("https://a.example/"));
        node.direct(alice, bob);
        List<Outgoing> many = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Outgoing like = Node.outgoing(alice, topic, Optional.empty(), false, "", "");
            many.add(new Outgoing(
                    like.id(), like.organization(), like.conversation(), like.sender(), like.recipient(),
                    like.lifespan(), like.traits(), like.content(), like.origin(), like.contacts(), true));
            many.add(Node.toPerson(alice, bob, ""));
        }
        node.journal.send(many);
        assertThat(waiting()).isEqualTo(20);
        send(Node.outgoing(alice, topic, Optional.empty(), false, "same", ""), true);
        send(Node.outgoing(alice, topic, Optional.empty(), false, "same", ""), true);
        assertThat(waiting()).as("a repeated request stores nothing").isEqualTo(21);
    }

    @Test
    void untilTheEpochOfTheMessageIsOver(@TempDir Path data) throws IOException {
        try (Household house = new Household(data.resolve("house"), own)) {
            webhook(URI.create("https://a.example/"));
            await(() -> house.node.number("SELECT count(*) FROM webhook") == 1);
            Message message = send();
            ConversationId opened = open("Invoice 14");
            node.execute("UPDATE slice SET ends_at = now() WHERE slice = ?", message.slice().code());
            node.execute("UPDATE epoch SET ends_at = now() WHERE epoch = (SELECT epoch FROM slice WHERE slice = ?)",
                    message.slice().code());
            house.shredder.closeEpochs();
            assertThat(told(message.id().value())).isEmpty();
            assertThat(told(opened.value())).hasSize(1);
        }
    }

    @Test
    void onceAlsoByTwoServers() throws Exception {
        Receiver receiver = new Receiver(() -> 200);
        webhook(receiver.url());
        round();
        round();
        Set<String> deliveries = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            send();
        }
        for (int i = 0; i < 50; i++) {
            deliveries.add(receiver.next().delivery());
        }
        await(() -> waiting() == 0);
        assertThat(deliveries).hasSize(50);
        assertThat(receiver.calls).isEmpty();
    }

    @Test
    void unlessThereIsNone() {
        send();
        assertThat(node.number("SELECT count(*) FROM webhook_delivery")).isZero();
        // That of another organization hears nothing either.
        OrganizationId other = new OrganizationId("1".repeat(24));
        node.execute(
                """
                INSERT INTO organization (organization_id, name, lifespan_standard, lifespan_shortest, lifespan_longest,
                                          delete_on_read, forwarding, attachments)
                VALUES (?, 'Other', 60, 1, 60, false, true, true)
                """,
                other.token());
        node.webhooks.add(new Webhook(new WebhookId(IDS.random()), other, client, URI.create("https://a.example/")));
        await(node.webhooks::areAny);
        send();
        assertThat(node.number("SELECT count(*) FROM webhook_delivery")).isZero();
    }

    @Test
    void againUnderTheSameIdUntilItHasIt() throws Exception {
        ConcurrentLinkedQueue<Integer> statuses = new ConcurrentLinkedQueue<>(List.of(500, 503, 429, 408, 200));
        Receiver receiver = new Receiver(statuses::remove);
        webhook(receiver.url());
        round();
        send();
        String delivery = receiver.next().delivery();
        for (int i = 1; i < 5; i++) {
            assertThat(receiver.next().delivery()).isEqualTo(delivery);
        }
        await(() -> waiting() == 0);
    }

    @Test
    void butNotAgainWhenItDoesNotWantItAndAgainWhenTheOperatorDoes() throws Exception {
        ConcurrentLinkedQueue<Integer> statuses = new ConcurrentLinkedQueue<>(List.of(400, 200));
        Receiver receiver = new Receiver(statuses::remove);
        WebhookId id = webhook(receiver.url()).id();
        round();
        Message message = send();
        String delivery = receiver.next().delivery();
        await(() -> count("DEAD") == 1);
        assertThat(node.outbox.dead(Optional.of(new WebhookId(IDS.random())))).isEmpty();
        PostgresOutbox.DeadLetter letter = node.outbox.dead(Optional.of(id)).getFirst();
        assertThat(letter.id().toString()).isEqualTo(delivery);
        assertThat(letter.update().entity()).isEqualTo(message.id().value());
        assertThat(letter.status()).isEqualTo(OptionalInt.of(400));
        assertThat(letter.trouble()).isEqualTo(Trouble.REFUSED);
        node.outbox.replay(letter.id());
        assertThat(receiver.next().delivery()).isEqualTo(delivery);
        await(() -> waiting() == 0);
        assertThat(node.outbox.replayAll()).isZero();
    }

    @Test
    void andAgainIfWhoToldItDiedBeforeNotingThat() {
        webhook(URI.create("https://a.example/"));
        send();
        PostgresOutbox.Claim first = claim(10, Duration.ZERO).getFirst();
        PostgresOutbox.Claim second = claim(10, MINUTE).getFirst();
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.attempt()).isEqualTo(2);
        assertThat(claim(10, MINUTE)).isEmpty();
        // Who comes back late changes nothing.
        assertThat(node.outbox.done(first)).isFalse();
        assertThat(node.outbox.again(first, Outcome.Failed.of(Trouble.TIMED_OUT), Duration.ZERO)).isFalse();
        assertThat(node.outbox.done(second)).isTrue();
        assertThat(node.outbox.done(second)).isFalse();
        assertThat(waiting()).isZero();
    }

    @Test
    void ofOneMessageInTheOrderOfItsChanges() {
        webhook(URI.create("https://a.example/"));
        Message one = send();
        Message other = send();
        node.journal.recall(one);
        List<PostgresOutbox.Claim> claims = claim(10, MINUTE);
        assertThat(claims).extracting(each -> each.update().entity())
                .containsExactlyInAnyOrder(one.id().value(), other.id().value());
        assertThat(claim(10, MINUTE)).isEmpty();
        PostgresOutbox.Claim first = claims.stream()
                .filter(each -> each.update().entity().equals(one.id().value()))
                .findFirst()
                .orElseThrow();
        node.outbox.done(first);
        assertThat(claim(10, MINUTE)).singleElement()
                .satisfies(each -> assertThat(each.update().entity()).isEqualTo(one.id().value()))
                .satisfies(each -> assertThat(each.id()).isNotEqualTo(first.id()));
    }

    @Test
    void noMoreAtOnceThanItMayTake() {
        WebhookId one = webhook(URI.create("https://a.example/")).id();
        WebhookId other = webhook(URI.create("https://b.example/")).id();
        for (int i = 0; i < 6; i++) {
            send();
        }
        List<PostgresOutbox.Claim> claims = node.outbox.claim(32, 4, Map.of(one, 1), MINUTE);
        assertThat(claims.stream().filter(each -> each.webhook().equals(one))).hasSize(1);
        assertThat(claims.stream().filter(each -> each.webhook().equals(other))).hasSize(4);
        assertThat(node.outbox.claim(32, 4, Map.of(one, 0, other, 0), MINUTE)).isEmpty();
        assertThat(node.outbox.claim(3, 4, Map.of(), MINUTE)).hasSize(3);
    }

    @Test
    void alsoBesideOneThatDoesNotAnswer() throws Exception {
        Receiver slow = new Receiver(() -> {
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(30));
            return 200;
        });
        Receiver quick = new Receiver(() -> 200);
        webhook(slow.url());
        Webhook served = webhook(quick.url());
        round();
        for (int i = 0; i < 40; i++) {
            send();
        }
        for (int i = 0; i < 40; i++) {
            quick.next();
        }
        await(() -> node.number(
                "SELECT count(*) FROM webhook_delivery WHERE webhook_id = ?", served.id().value()) == 0);
    }

    @Test
    void signedWithBothSecretsUntilOneIsRetired() throws Exception {
        Receiver receiver = new Receiver(() -> 200);
        Webhook webhook = new Webhook(new WebhookId(IDS.random()), Node.ORGANIZATION, client, receiver.url());
        WebhookSecret first = node.webhooks.add(webhook);
        await(node.webhooks::areAny);
        WebhookSecret second = node.webhooks.rotate(webhook.id());
        assertThat(second).isNotEqualTo(first);
        assertThat(texts("SELECT encode(sealed, 'escape') FROM webhook_secret"))
                .hasSize(2)
                .noneMatch(row -> row.contains("whsec_"));
        assertThat(node.webhooks.all()).singleElement().extracting(PostgresWebhooks.Listed::secrets).isEqualTo(2);
        round();
        await(() -> node.webhooks.target(webhook.id()).orElseThrow().secrets().equals(List.of(second, first)));
        send();
        assertThat(receiver.next().older()).isPresent();
        node.webhooks.retire(webhook.id());
        assertThat(node.number("SELECT count(*) FROM webhook_secret WHERE sealed IS NOT NULL")).isEqualTo(1);
        await(() -> node.webhooks.target(webhook.id()).orElseThrow().secrets().equals(List.of(second)));
        send();
        assertThat(receiver.next().older()).isEmpty();
    }

    @Test
    void untilItIsRemoved() {
        WebhookId id = webhook(URI.create("https://a.example/")).id();
        send();
        node.webhooks.remove(id);
        assertThat(node.number("SELECT count(*) FROM webhook_delivery")).isZero();
        assertThat(node.number("SELECT count(*) FROM webhook_secret")).isZero();
        await(() -> !node.webhooks.areAny());
        assertThat(node.webhooks.target(id)).isEmpty();
        send();
        assertThat(node.number("SELECT count(*) FROM webhook_delivery")).isZero();
    }

    @Test
    void orADayIsOverAndForgottenAWeekLater() {
        webhook(URI.create("https://a.example/"));
        send();
        assertThat(node.outbox.backlog().length()).isEqualTo(1);
        assertThat(node.outbox.sweep(Duration.ofDays(7))).isZero();
        node.execute("UPDATE webhook_delivery SET queued_at = now() - interval '24 hours 1 minute'");
        assertThat(node.outbox.backlog().oldest()).isGreaterThan(Duration.ofHours(24));
        assertThat(node.outbox.sweep(Duration.ofDays(7))).isEqualTo(1);
        assertThat(node.outbox.dead(Optional.empty())).singleElement()
                .extracting(PostgresOutbox.DeadLetter::trouble).isEqualTo(Trouble.GIVEN_UP);
        assertThat(node.outbox.backlog()).isEqualTo(new PostgresOutbox.Backlog(0, Duration.ZERO));
        node.execute("UPDATE webhook_delivery SET ended_at = now() - interval '7 days 1 minute'");
        assertThat(node.outbox.sweep(Duration.ofDays(7))).isZero();
        assertThat(node.number("SELECT count(*) FROM webhook_delivery")).isZero();
    }

    @Test
    void ofACompanyThatItsApplicationHasMade() {
        OrganizationId other = new OrganizationId("1".repeat(24));
        node.execute(
                """
                INSERT INTO organization (organization_id, name, lifespan_standard, lifespan_shortest, lifespan_longest,
                                          delete_on_read, forwarding, attachments)
                VALUES (?, 'Other', 60, 1, 60, false, true, true)
                """,
                other.token());
        assertThat(node.webhooks.organizationOf(client)).isEqualTo(Node.ORGANIZATION);
        node.webhooks.add(new Webhook(new WebhookId(IDS.random()), other, client, URI.create("https://a.example/")));
        await(node.webhooks::areAny);
        assertThat(node.webhooks.concerns(Node.ORGANIZATION)).isFalse();
        node.execute(
                "INSERT INTO company (company_id, organization_id, client_id) VALUES (gen_random_uuid(), ?, ?)",
                Node.ORGANIZATION.token(), client.value());
        await(() -> node.webhooks.concerns(Node.ORGANIZATION));
        Message message = send();
        node.journal.recall(message);
        assertThat(count("PENDING")).isEqualTo(2);
        node.execute("UPDATE company SET active = false");
        await(() -> !node.webhooks.concerns(Node.ORGANIZATION));
    }
}
