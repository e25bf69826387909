package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Tiger;
import ephemera.acceptance.client.Tight;
import ephemera.acceptance.client.TightStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What is written, read, recalled or renamed by one door is so at the other one. */
class BothDoorsTellOneTruth {
    private static Office office;
    private static Tight annHere;
    private static Tight benHere;
    private static Tiger annThere;
    private static Tiger benThere;

    @BeforeAll
    static void open() {
        office = Office.make(3);
        annHere = office.tight(0);
        benHere = office.tight(1);
        annThere = office.tiger(0);
        benThere = office.tiger(1);
    }

    private static List<String> texts(Tight reader, String conversation) {
        return reader.messages(conversation).valueStream().map(each -> each.required("text").asString()).toList();
    }

    @Test
    void whatIsSavedHereComesToEveryMembersDevices() {
        try (EventStream bens = benThere.events().untilLive()) {
            String conversation = annHere.open("Invoice 7", "first");
            String group = Tight.uuid(conversation);
            bens.await(event -> event.is("friends") && event.payload().path("friend").path("token").asString("")
                    .equals(group));
            String saved = annHere.save(conversation, "two words").getFirst();
            Event told = bens.await(event -> event.isMessage() && event.messageId().equals(Tight.uuid(saved)));
            assertThat(told.is("group_message")).isTrue();
            assertThat(told.text("body")).isEqualTo("two words");
            assertThat(told.text("group_token")).isEqualTo(group);
            assertThat(told.text("sender_token")).isEqualTo(office.token(0));
            JsonNode there = benThere.message(Tight.uuid(saved)).expect(200).reply();
            assertThat(there.required("body").asString()).isEqualTo("two words");
            assertThat(benThere.group(group).expect(200).reply().required("name").asString()).isEqualTo("Invoice 7");
        }
    }

    @Test
    void whatIsSentThereIsListedAndToldHere() {
        String conversation = annHere.open("Both ways", "first");
        try (TightStream anns = annHere.events()) {
            String sent = benThere.send(Tight.uuid(conversation), "from the phone").expect(200).messageId();
            String id = Tight.id("msg_", sent);
            TightStream.Update told = anns.await(update -> update.url().equals("/v6/messages/" + id));
            assertThat(told.data()).isEqualTo(annHere.message(id));
            assertThat(told.data().required("text").asString()).isEqualTo("from the phone");
            assertThat(told.data().required("conversationId").asString()).isEqualTo(conversation);
        }
        assertThat(texts(annHere, conversation)).containsExactly("first", "from the phone");
        assertThat(annHere.conversation(conversation).required("latestMessage").required("text").asString())
                .isEqualTo("from the phone");
        assertThat(annHere.conversation(conversation).required("readStatus").asString()).isEqualTo("UNREAD");
        assertThat(benHere.conversation(conversation).required("readStatus").asString())
                .as("the first is by somebody else, who has read nothing yet").isEqualTo("UNREAD");
    }

    /** Somebody without an account is let in there; what is said at either door goes to them. */
    @Test
    void whatIsSaidReachesAContactWhoWasLetInThere() {
        String conversation = annHere.open("With a guest", "first");
        String group = Tight.uuid(conversation);
        String guest = benThere.send("guest-" + UUID.randomUUID() + "@example.org", "hello").expect(200).reply()
                .required("recipient_token").asString();
        benThere.addMembers(group, guest).expect(200);
        List<String> here = annHere.save(conversation, "second", "third");
        String there = benThere.send(group, "fourth").expect(200).messageId();
        assertThat(texts(benHere, conversation)).containsExactly("first", "second", "third", "fourth");
        for (String message : List.of(Tight.uuid(here.get(0)), Tight.uuid(here.get(1)), there)) {
            assertThat(annThere.messageStatus(message).expect(200).reply().path("statuses").valueStream()
                    .filter(each -> each.path("account_id").asString().equals(guest)))
                    .singleElement()
                    .satisfies(each -> assertThat(each.path("delivery_status").asString()).isEqualTo("queued"));
        }
    }

    @Test
    void whatIsReadHereIsReadThere() {
        String conversation = annHere.open("Read here", "first");
        String second = annHere.save(conversation, "second").getFirst();
        try (EventStream anns = annThere.events().untilLive()) {
            benHere.change(conversation, Map.of("readStatus", "READ"));
            Event told = anns.await(event -> event.text("status").equals("Read")
                    && event.messageId().equals(Tight.uuid(second)));
            assertThat(told.text("account_id")).isEqualTo(office.token(1));
        }
        assertThat(benHere.conversation(conversation).required("readStatus").asString()).isEqualTo("READ");
        assertThat(benThere.messageStatus(Tight.uuid(second)).expect(200).text()).contains("Read");
    }

    @Test
    void whatIsReadThereIsReadHere() {
        String conversation = annHere.open("Read there", "first");
        String second = annHere.save(conversation, "second").getFirst();
        assertThat(benHere.conversation(conversation).required("readStatus").asString()).isEqualTo("UNREAD");
        benThere.read(Tight.uuid(second)).expect(200);
        assertThat(benHere.conversation(conversation).required("readStatus").asString()).isEqualTo("READ");
        annHere.save(conversation, "third");
        assertThat(benHere.conversation(conversation).required("readStatus").asString()).isEqualTo("UNREAD");
    }

    @Test
    void whatIsRecalledThereIsGoneHere() {
        String conversation = annHere.open("Recalled there", "first");
        String second = annHere.save(conversation, "second").getFirst();
        try (TightStream bens = benHere.events()) {
            annThere.recall(Tight.uuid(second)).expect(200, 204);
            TightStream.Update told = bens.await(update -> update.url().equals("/v6/messages/" + second));
            assertThat(told.data().required("status").asString()).isEqualTo("DELETED");
            assertThat(told.json().toString()).doesNotContain("second");
        }
        assertThat(benHere.get("/v6/messages/" + second).status()).isEqualTo(404);
        assertThat(texts(benHere, conversation)).containsExactly("first");
        assertThat(benHere.conversation(conversation).required("latestMessage").required("text").asString())
                .isEqualTo("first");
    }

    @Test
    void whatIsDeletedHereIsGoneThere() {
        String conversation = annHere.open("Deleted here", "first");
        String second = annHere.save(conversation, "second").getFirst();
        try (EventStream bens = benThere.events().untilLive()) {
            assertThat(Tight.data(annHere.delete("/v6/messages/" + second)).required("status").asString())
                    .isEqualTo("DELETED");
            bens.await(event -> event.messageId().equals(Tight.uuid(second))
                    && event.payload().path("is_recalled").asBoolean(false));
        }
        assertThat(benThere.message(Tight.uuid(second)).status()).isEqualTo(404);
        assertThat(benHere.delete("/v6/messages/" + second).status()).isEqualTo(403);
    }

    @Test
    void whatWasSaidInADeletedConversationIsGoneEverywhere() {
        String conversation = annHere.open("Deleted whole", "first");
        String second = benHere.save(conversation, "second").getFirst();
        assertThat(benHere.delete("/v6/conversations/" + conversation).status()).isEqualTo(403);
        Tight.data(annHere.delete("/v6/conversations/" + conversation));
        assertThat(benHere.get("/v6/conversations/" + conversation).status()).isEqualTo(404);
        assertThat(benHere.get("/v6/conversations/" + conversation + "/messages").status()).isEqualTo(404);
        Somebody.until("the message is gone", () -> benThere.message(Tight.uuid(second)).status() == 404);
        assertThat(annHere.get("/v6/messages/" + second).status()).isEqualTo(404);
    }

    @Test
    void aMessageEndsAtTheSameTimeForAll() {
        String conversation = annHere.open("The same end", "first");
        Instant begin = Instant.now();
        String sent = benThere.send(Draft.to(Tight.uuid(conversation), "for a minute")
                .withTtl(1)).expect(200).messageId();
        assertThat(texts(annHere, conversation)).contains("for a minute");
        while (benThere.message(sent).status() == 200 && Instant.now().isBefore(begin.plusSeconds(120))) {
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
        }
        assertThat(annHere.get("/v6/messages/" + Tight.id("msg_", sent)).status()).isEqualTo(404);
        assertThat(texts(annHere, conversation)).containsExactly("first");
        assertThat(Duration.between(begin, Instant.now())).isGreaterThan(Duration.ofSeconds(55));
    }

    @Test
    void aSubjectIsTheNameOfTheGroup() {
        String conversation = annHere.open("Old subject", "first");
        try (TightStream bens = benHere.events()) {
            annHere.change(conversation, Map.of("subject", "New subject"));
            TightStream.Update told = bens.await(update -> update.url().equals("/v6/conversations/" + conversation));
            assertThat(told.data().required("subject").asString()).isEqualTo("New subject");
        }
        assertThat(benThere.group(Tight.uuid(conversation)).expect(200).reply().required("name").asString())
                .isEqualTo("New subject");
        annThere.updateGroup(Tight.uuid(conversation), Map.of("name", "Newest")).expect(200, 204);
        assertThat(benHere.conversation(conversation).required("subject").asString()).isEqualTo("Newest");
    }

    @Test
    void whoWritesOpensWhatWasResolvedAtWhateverDoor() {
        String conversation = annHere.open("Resolved", "first");
        assertThat(annHere.change(conversation, Map.of("resolutionStatus", "RESOLVED"))
                .required("resolutionStatus").asString()).isEqualTo("RESOLVED");
        Tight.data(benHere.post("/v6/messages/" + annHere.messages(conversation).get(0).required("id").asString()
                + "/reactions", Map.of("emojiCode", "eyes")));
        assertThat(annHere.conversation(conversation).required("resolutionStatus").asString())
                .as("after a reaction").isEqualTo("RESOLVED");
        assertThat(annHere.conversation(conversation).required("readStatus").asString())
                .as("after a reaction to an own message").isEqualTo("READ");
        benThere.send(Tight.uuid(conversation), "one more thing").expect(200);
        assertThat(annHere.conversation(conversation).required("resolutionStatus").asString()).isEqualTo("OPEN");
    }

    @Test
    void aStreamGoesOnBehindTheLastEventThatWasSeen() {
        String conversation = annHere.open("Resumed", "first");
        String lastSeen;
        try (TightStream bens = benHere.events()) {
            String id = annHere.save(conversation, "seen").getFirst();
            lastSeen = bens.await(update -> update.url().equals("/v6/messages/" + id)).id();
        }
        List<String> missed = annHere.save(conversation, "missed 1", "missed 2");
        try (TightStream again = benHere.eventsAfter(lastSeen)) {
            assertThat(again.updates().stream().map(TightStream.Update::url).filter(url -> url.contains("/messages/")))
                    .startsWith("/v6/messages/" + missed.get(0), "/v6/messages/" + missed.get(1));
            String reaction = "/v6/messages/" + missed.get(1) + "/reactions/eyes";
            Tight.data(benHere.call("PUT", reaction, Map.of(), new byte[0]));
            assertThat(again.await(update -> update.url().equals(reaction)).data().required("status").asString())
                    .isEqualTo("ACTIVE");
        }
        try (TightStream foreign = benHere.eventsAfter("7-" + UUID.randomUUID())) {
            assertThat(foreign.updates()).isEmpty();
        }
    }

    @Test
    void aStreamEndsWithItsToken() {
        Tight own = office.tight(Optional.of(office.token(2)), "read");
        try (TightStream stream = own.events()) {
            assertThat(own.call("POST", "/v6/auth/revoke",
                    Map.of("Authorization", basic(), "Content-Type", "application/x-www-form-urlencoded"),
                    ("token=" + own.token()).getBytes(StandardCharsets.UTF_8)).status())
                    .isEqualTo(200);
            stream.awaitEnd();
        }
        assertThat(own.get("/v6/conversations/con_1").status()).isEqualTo(401);
    }

    private static String basic() {
        return "Basic " + Base64.getEncoder().encodeToString(
                (office.clientId() + ":" + office.clientSecret()).getBytes(StandardCharsets.UTF_8));
    }
}
