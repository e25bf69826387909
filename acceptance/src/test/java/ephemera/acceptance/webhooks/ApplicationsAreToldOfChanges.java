package ephemera.acceptance.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.Commands;
import ephemera.acceptance.ServerProcess;
import ephemera.acceptance.TemporaryFolder;
import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Deadline;
import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Tiger;
import ephemera.acceptance.webhooks.Application.Hook;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Section B.4.9 of the contract, and what is promised of deliveries: from a change at a door to a real receiver. */
@Timeout(600)
class ApplicationsAreToldOfChanges {
    /** The caller waits longer for an answer. */
    private static final Duration WAIT = Duration.ofSeconds(5);

    private static TemporaryFolder folder;
    private static ServerProcess server;

    private final Receiver receiver = new Receiver();

    @BeforeAll
    static void startServer() {
        folder = TemporaryFolder.make();
        server = ServerProcess.Launch.on(folder.path().resolve("data")).with(Application.ALLOWED).start();
    }

    @AfterAll
    static void end() {
        server.close();
        folder.close();
    }

    @AfterEach
    void closeReceiver() {
        receiver.close();
    }

    private static List<JsonNode> awaitDead(Application app, Hook hook) {
        Deadline.untilPasses(() -> assertThat(app.dead(hook)).isNotEmpty());
        return app.dead(hook);
    }

    @Test
    void byEveryDoorAndAsTheDoorShowsThem() {
        Application app = Application.in(server, "Books");
        Credentials ann = server.commands().importPeople(app.organization(), "books", 1).getFirst();
        Hook hook = app.hook(receiver);

        String conversation = app.opened("Invoice 12");
        String path = "/v6/conversations/" + conversation;
        List<Notice> opened = List.of(receiver.next(), receiver.next());
        opened.forEach(notice -> notice.signedBy(hook.secret()));
        Notice created = opened.stream().filter(each -> each.url().equals(path)).findFirst().orElseThrow();
        Notice first = opened.stream().filter(each -> !each.url().equals(path)).findFirst().orElseThrow();
        assertThat(created.method()).isEqualTo("POST");
        assertThat(created.path()).isEqualTo("/hook");
        assertThat(created.json().propertyNames()).containsExactly("type", "editor", "company", "url", "data");
        assertThat(created.json().required("type").asString()).isEqualTo("ENTITY_UPDATE");
        assertThat(created.json().required("editor").propertyNames()).containsExactly("userId");
        assertThat(created.json().required("company").propertyNames()).containsExactly("id", "apiCompanyId");
        assertThat(first.url()).startsWith("/v6/messages/msg_");
        assertThat(first.data()).isEqualTo(app.shown(first.url()));

        // By the other door, into the same conversation.
        Tiger other = Tiger.at(server.url()).as(ann);
        other.send(Draft.to(Application.token(conversation), "from the other door")).expect(200);
        Notice said = receiver.next().signedBy(hook.secret());
        assertThat(said.data().required("text").asString()).isEqualTo("from the other door");
        assertThat(said.data()).isEqualTo(app.shown(said.url()));
        assertThat(said.json().required("editor").required("userId").asString()).isEqualTo(ann.token());

        app.api().post(said.url() + "/reactions", Map.of("emojiCode", "eyes")).expect(200);
        Notice reacted = receiver.next();
        assertThat(reacted.url()).isEqualTo(said.url());
        assertThat(reacted.data().required("reactions").get(0).required("emojiCode").asString()).isEqualTo("eyes");
        assertThat(reacted.data()).isEqualTo(app.shown(said.url()));
        app.api().delete(said.url() + "/reactions/eyes").expect(200);
        assertThat(receiver.next().data().required("reactions")).isEmpty();

        app.api().post("/v6/conversations", Map.of(
                "data", List.of(Map.of("id", conversation, "resolutionStatus", "RESOLVED")))).expect(200);
        Notice resolved = receiver.next();
        assertThat(resolved.data().required("resolutionStatus").asString()).isEqualTo("RESOLVED");
        assertThat(resolved.data()).isEqualTo(app.shown(path));
        String again = app.saved(conversation, "not quite");
        receiver.next("/v6/messages/" + again, path).stream().filter(each -> each.url().equals(path)).forEach(
                each -> assertThat(each.data().required("resolutionStatus").asString()).isEqualTo("OPEN"));

        app.api().delete("/v6/messages/" + again).expect(200);
        Notice gone = receiver.next();
        assertThat(gone.url()).isEqualTo("/v6/messages/" + again);
        assertThat(gone.data().propertyNames()).containsExactly("id", "status");
        assertThat(gone.data().required("status").asString()).isEqualTo("DELETED");
        app.api().delete(path).expect(200);
        Notice ended = receiver.next();
        assertThat(ended.url()).isEqualTo(path);
        assertThat(ended.data().required("status").asString()).isEqualTo("DELETED");
        assertThat(receiver.rest()).isEmpty();
    }

    @Test
    void againWhenTheReceiverIsBusyAndNotBeforeItWants() {
        Application app = Application.in(server, "Busy");
        Hook hook = app.hook(receiver);
        String conversation = app.opened("busy");
        receiver.next();
        receiver.next();
        receiver.answersNext(503, "Retry-After", "3");
        receiver.answersNext(429);
        app.saved(conversation, "persistent");
        Notice first = receiver.next().signedBy(hook.secret());
        Notice second = receiver.next().signedBy(hook.secret());
        Notice third = receiver.next().signedBy(hook.secret());
        assertThat(second.delivery()).isEqualTo(first.delivery());
        assertThat(third.delivery()).isEqualTo(first.delivery());
        assertThat(Duration.ofNanos(second.nanos() - first.nanos())).isGreaterThanOrEqualTo(Duration.ofSeconds(3));
        assertThat(third.data().required("text").asString()).isEqualTo("persistent");
        assertThat(receiver.rest()).isEmpty();
    }

    @Test
    void notAgainWhenItIsRefusedUntilTheOperatorWants() {
        Application app = Application.in(server, "Refused");
        Hook hook = app.hook(receiver);
        String conversation = app.opened("refused");
        receiver.next();
        receiver.next();
        receiver.answersNext(400);
        String message = app.saved(conversation, "unwelcome");
        String delivery = receiver.next().delivery();
        JsonNode letter = awaitDead(app, hook).getFirst();
        assertThat(letter.required("delivery").asString()).isEqualTo(delivery);
        assertThat(letter.required("trouble").asString()).isEqualTo("refused");
        assertThat(letter.required("status").asInt()).isEqualTo(400);
        assertThat(letter.required("entity").asString()).isEqualTo(Application.token(message));
        assertThat(letter.toString()).doesNotContain("unwelcome");
        assertThat(Tiger.at(server.managementUrl()).get("/metrics").expect(200).text()).contains(
                "ephemera_webhooks_attempts_total{outcome=\"refused\"}",
                "ephemera_webhooks_given_up_total",
                "ephemera_queue_depth{queue=\"webhooks\"}",
                "ephemera_webhooks_oldest_seconds");
        assertThat(receiver.rest()).isEmpty();

        app.api().delete("/v6/messages/" + message).expect(200);
        assertThat(receiver.next().data().required("status").asString()).isEqualTo("DELETED");
        app.run("webhook", "replay", delivery).expectSuccess();
        Notice replayed = receiver.next().signedBy(hook.secret());
        assertThat(replayed.delivery()).isEqualTo(delivery);
        assertThat(replayed.data().required("status").asString()).as("it has ended meanwhile").isEqualTo("DELETED");
        assertThat(app.dead(hook)).isEmpty();
    }

    @Test
    void nowhereElseThanWhereTheyAskedFor() {
        Application app = Application.in(server, "Moved");
        Hook hook = app.hook(receiver);
        receiver.answersNext(307, "Location", receiver.url() + "/elsewhere");
        app.opened("moved");
        List<Notice> both = List.of(receiver.next(), receiver.next());
        assertThat(both).extracting(Notice::path).containsOnly("/hook");
        assertThat(awaitDead(app, hook)).singleElement()
                .satisfies(letter -> assertThat(letter.required("trouble").asString()).isEqualTo("redirected"));
        assertThat(receiver.rest()).isEmpty();
    }

    @Test
    void withBothSecretsWhileOneReplacesTheOther() {
        Application app = Application.in(server, "Rotation");
        Hook hook = app.hook(receiver);
        String conversation = app.opened("rotation");
        receiver.next().signedBy(hook.secret());
        receiver.next().signedBy(hook.secret());
        String second =
                app.run("webhook", "rotate", hook.id(), "--json").json().required("secret").asString();
        awaitSignature(app, conversation, second).alsoSignedBy(hook.secret());
        app.run("webhook", "retire", hook.id()).expectSuccess();
        Notice last = awaitSignature(app, conversation, second);
        while (last.older().isPresent()) {
            last = awaitSignature(app, conversation, second);
        }
        last.signedBy(second);
    }

    /** Writes until that secret signs: a running server hears of a change within a moment. */
    private Notice awaitSignature(Application app, String conversation, String secret) {
        for (int i = 0; i < 100; i++) {
            app.saved(conversation, "signed?");
            Notice notice = receiver.next();
            try {
                return notice.signedBy(secret);
            } catch (AssertionError _) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
        }
        throw new AssertionError("the new secret never signed");
    }

    @Test
    void alsoBesideAReceiverThatDoesNotAnswer() {
        Application app = Application.in(server, "Slow");
        String conversation = app.opened("slow");
        app.hook(receiver);
        receiver.fallsSilent();
        try (Receiver quick = new Receiver()) {
            app.hook(quick);
            for (int i = 0; i < 4; i++) {
                long began = System.nanoTime();
                app.saved(conversation, "message " + i);
                assertThat(quick.next().nanos() - began).as("told while the other does not answer")
                        .isLessThan(WAIT.toNanos());
            }
            Map<String, Notice> unanswered = new HashMap<>();
            int repeated = 0;
            while (unanswered.size() < 4 || repeated == 0) {
                Notice next = receiver.next();
                Notice first = unanswered.putIfAbsent(next.delivery(), next);
                if (first != null) {
                    assertThat(Duration.between(first.signedAt(), next.signedAt())).isGreaterThan(WAIT);
                    repeated++;
                }
            }
        }
    }

    @Test
    void andNobodyCallsThisMachineUnlessThatIsConfigured() {
        Application app = Application.in(server, "Careful");
        Commands.Outcome refused = server.commands().run(
                "webhook", "create", "--client", app.client(), "--url", "https://127.0.0.1:8443/hook");
        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.err()).contains("not public", "webhooks.allow");
    }
}
