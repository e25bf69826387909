package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.outreach.Outcome;
import ephemera.core.outreach.Trouble;
import ephemera.core.outreach.Webhook;
import ephemera.core.outreach.WebhookId;
import ephemera.core.outreach.WebhookSecret;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Message;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a delivery that is not made at once, and of what nobody takes. */
class DeliveryIsRepeatedUntilItIsMade extends WebhookScene {

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
    void byOneOfTwoServers() throws Exception {
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
    void underTheSameIdUntilTheReceiverHasIt() throws Exception {
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
    void notWhenTheReceiverDoesNotWantItButWhenTheOperatorDoes() throws Exception {
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
    void ifWhoToldItDiedBeforeNotingThat() {
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
    void inTheOrderOfTheChangesOfAMessage() {
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
    void notMoreAtOnceThanAWebhookMayTake() {
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
    void alsoBesideAReceiverThatDoesNotAnswer() throws Exception {
        CountDownLatch silence = new CountDownLatch(1);
        Receiver slow = new Receiver(() -> {
            try {
                return silence.await(1, TimeUnit.MINUTES) ? 200 : 500;
            } catch (InterruptedException _) {
                return 500;
            }
        });
        Receiver quick = new Receiver(() -> 200);
        webhook(slow.url());
        Webhook served = webhook(quick.url());
        round();
        ends.add(silence::countDown);
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
    void untilADayIsOverAndIsForgottenAWeekLater() {
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
}
