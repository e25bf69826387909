package ephemera.acceptance;

import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Deadline;
import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Tiger;
import java.net.URI;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * A person who takes part in one test and in no other.
 *
 * <p>Every reply that the person gets is held against the document that the server publishes about itself: a status
 * that stands nowhere in it fails the test. Thread-safe.
 *
 * @param credentials token, key and secret
 * @param tiger the person's calls
 */
record Somebody(Credentials credentials, Tiger tiger) {
    /** Takes somebody of the shared organization. */
    static Somebody fresh() {
        return at(TheServer.process().url(), TheServer.somebody());
    }

    /** Takes several people of the shared organization. */
    static List<Somebody> fresh(int count) {
        return Stream.generate(Somebody::fresh).limit(count).toList();
    }

    /** Takes somebody of the other organization. */
    static Somebody stranger() {
        return at(TheServer.process().url(), TheServer.stranger());
    }

    /** Gives the administrator of the shared organization, whom all tests share. */
    static Somebody administrator() {
        return at(TheServer.process().url(), TheServer.administrator());
    }

    /** Gives somebody of any server. */
    static Somebody at(URI server, Credentials credentials) {
        PublishedDocument document = PublishedDocument.of(server);
        return new Somebody(credentials, Tiger.at(server).witnessedBy(document::witness).as(credentials));
    }

    /** Gives the same person with another key. */
    Somebody with(String key, String secret) {
        return at(tiger.server(), new Credentials(token(), key, secret));
    }

    /** Gives the person's token. */
    String token() {
        return credentials.token();
    }

    /** Reads what the person shows of themself. */
    JsonNode profile() {
        return tiger.me().expect(200).reply();
    }

    /** Reads the person's e-mail address. */
    String email() {
        return profile().path("emails").path(0).path("address").asString();
    }

    /** Opens a stream and waits for the end of its replay. */
    EventStream live(String... features) {
        return tiger.events(features).untilLive();
    }

    /**
     * Opens a stream that tells who is typing and waits until it does: what has no place in the journal is not told to
     * a stream that is only just live. Whoever typed for that takes part in nothing else.
     */
    EventStream liveForTyping() {
        EventStream stream = live("is-typing");
        toldOfTyping(stream);
        return stream;
    }

    /** Waits until a live stream tells who is typing. */
    void toldOfTyping(EventStream stream) {
        Somebody other = fresh();
        until("typing is told", () -> {
            other.tiger().typing(token()).expect(204);
            return stream.received().stream().anyMatch(event -> event.is("message:is_typing"));
        });
    }

    /** Gives the events that a stream which is opened now replays, without the advisories around them. */
    List<Event> replay() {
        return whole("close-after-messages").stream().filter(event -> !event.isControl()).toList();
    }

    /** Gives the bodies of the messages that a stream which is opened now replays. */
    List<String> replayedBodies() {
        return replay().stream().filter(Event::isMessage).map(event -> event.text("body")).toList();
    }

    /** Gives everything but heartbeats that a stream with these features holds until the server ends it. */
    List<Event> whole(String... features) {
        try (EventStream stream = tiger.events(features)) {
            stream.awaitEnd();
            return stream.received().stream().filter(event -> !event.is("sse:heartbeat")).toList();
        }
    }

    /** Acknowledges whatever the person has not acknowledged. */
    Somebody caughtUp() {
        try (EventStream stream = live()) {
            stream.acknowledgeAll();
        }
        return this;
    }

    /** Sends a text and gives the message's token. */
    String says(String recipient, String body) {
        return tiger.send(recipient, body).expect(200).messageId();
    }

    /** Sends a text to somebody and gives the message's token. */
    String says(Somebody recipient, String body) {
        return says(recipient.token(), body);
    }

    /** Reads a message that the person must be able to see. */
    JsonNode message(String messageToken) {
        return tiger.message(messageToken).expect(200).reply();
    }

    /** Reads how far a message has come with one of its recipients, an empty text for somebody who is none. */
    String status(String messageToken, Somebody reader) {
        return receipt(messageToken, reader).path("status").asString("");
    }

    /** Reads a message's receipt of one recipient. */
    JsonNode receipt(String messageToken, Somebody reader) {
        return tiger.messageStatus(messageToken).expect(200).reply().path("statuses").valueStream()
                .filter(receipt -> receipt.path("account_id").asString().equals(reader.token())).findFirst()
                .orElseGet(MissingNode::getInstance);
    }

    /** Makes a group of the person and these others and gives its token. */
    String group(String name, boolean replayHistory, Somebody... others) {
        List<String> members = Stream.of(others).map(Somebody::token).toList();
        return tiger.createGroup(name, replayHistory, members).expect(200).groupToken();
    }

    /** Reads the tokens of the conversations in the person's roster, in their order. */
    List<String> roster() {
        return tiger.roster().expect(200).reply().valueStream().map(entity -> entity.path("token").asString()).toList();
    }

    /** Waits until something is so that no event tells. */
    static void until(String what, BooleanSupplier condition) {
        Deadline.until(what, condition);
    }

    @Override
    public String toString() {
        return token();
    }
}
