package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.OrganizationId;
import ephemera.core.outreach.EntityUpdate;
import ephemera.core.outreach.Outcome;
import ephemera.core.outreach.Outlook;
import ephemera.core.outreach.Trouble;
import ephemera.core.outreach.Webhook;
import ephemera.core.outreach.WebhookId;
import ephemera.core.talk.Archive;
import ephemera.core.talk.AuditTrail;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Emoji;
import ephemera.core.talk.Message;
import ephemera.core.talk.Outgoing;
import ephemera.core.talk.Priority;
import ephemera.core.talk.Topic;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** From the change of a message or a topic to a real receiver, through the database. */
class WebhookIsToldOfEveryChange extends WebhookScene {

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
    void andNothingOfAMessageAfterTheMessagesEnd() throws Exception {
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
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(true)), Optional.empty());
        assertThat(told(topic.value())).containsExactly("CONVERSATION");
        Message message = send();
        assertThat(told(message.id().value())).containsExactly("MESSAGE");
        assertThat(told(topic.value())).as("resolved, and opened").containsExactly("CONVERSATION", "CONVERSATION");
        send();
        assertThat(told(topic.value())).as("open it was already").hasSize(2);
    }

    @Test
    void alsoThatItsGroupWasRenamedAtTheOtherDoor() {
        webhook(URI.create("https://a.example/"));
        Conversation.Looks looks = node.rooms.group(topic).orElseThrow().looks();
        node.journal.update(topic, looks, bob);
        assertThat(told(topic.value())).as("it is called as before").isEmpty();
        node.journal.update(
                topic,
                new Conversation.Looks("Renamed", looks.description(), looks.avatar(), looks.replaysHistory(),
                        looks.isPublic()),
                bob);
        assertThat(told(topic.value())).containsExactly("CONVERSATION");
    }

    /** In pieces, of which each tells of its own: an erasure that is interrupted has told what it has done. */
    @Test
    void alsoOfAnErasure() throws Exception {
        webhook(URI.create("http://127.0.0.1:1/"));
        Message bobs = send(Node.outgoing(bob, topic, Optional.empty(), false, "", ""), true);
        node.journal.react(AuditTrail.Editor.of(alice), bobs, Emoji.EYES);
        List<Message> written = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            written.add(send());
        }
        node.direct(alice, bob);
        node.journal.send(Node.toPerson(alice, bob, ""));
        Message recalled = written.removeLast();
        node.journal.recall(recalled);
        node.execute("DELETE FROM webhook_delivery");
        node.execute("DELETE FROM audit");

        assertThat(new Erasure(node.database, new Json(), node.epochs, node.outbox).erase(alice)).isEqualTo(600);

        Set<UUID> ended = written.stream().map(each -> each.id().value()).collect(Collectors.toSet());
        assertThat(ids("SELECT entity_id FROM webhook_delivery WHERE kind = 'MESSAGE' AND entity_id <> :but", bobs))
                .containsExactlyInAnyOrderElementsOf(ended);
        assertThat(told(bobs.id().value())).containsExactly("MESSAGE");
        assertThat(ids("SELECT entity_id FROM audit WHERE action = 'DELETED' AND entity_id <> :but", bobs))
                .containsExactlyInAnyOrderElementsOf(ended);
        assertThat(texts("SELECT DISTINCT action || ' ' || editor_id FROM audit"))
                .containsExactlyInAnyOrder("DELETED " + alice, "REACTION_REMOVED " + alice);
        assertThat(texts("SELECT DISTINCT editor_id::text FROM webhook_delivery")).containsExactly(alice.toString());
    }

    private List<UUID> ids(String sql, Message but) {
        return node.database.read(
                handle -> handle.createQuery(sql).bind("but", but.id().value()).mapTo(UUID.class).list());
    }

    @Test
    void butNotOfWhatAStrictMessageSays() throws Exception {
        Receiver receiver = new Receiver(() -> 200);
        Webhook webhook = webhook(receiver.url());
        round();
        Outgoing like = Node.outgoing(alice, topic, Optional.empty(), false, "", "");
        Message strict = send(
                new Outgoing(
                        like.id(), like.organization(), like.conversation(), like.sender(), like.recipient(),
                        like.lifespan(), new Message.Traits(Message.Burning.AT_ONCE, Priority.NORMAL, "", ""),
                        like.content(), like.origin(), like.contacts(), true),
                true);
        Call call = receiver.next();
        assertThat(call.json().required("id").asString()).isEqualTo(strict.id().toString());
        assertThat(call.body()).contains("ACTIVE").doesNotContain("hello");
        Outlook.Shown about = outlook()
                .of(webhook, new EntityUpdate(
                        Node.ORGANIZATION, EntityUpdate.Kind.CONVERSATION, topic.value(), alice, strict.sentAt()))
                .orElseThrow();
        assertThat(about).isInstanceOfSatisfying(
                Outlook.Shown.Opened.class,
                opened -> assertThat(opened.topic().latest().orElseThrow().content().body()).isEmpty());
        assertThat(node.archive.message(strict.id(), Node.ORGANIZATION, bob))
                .as("nobody has read it hereby").isInstanceOf(Archive.Found.Visible.class);
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
