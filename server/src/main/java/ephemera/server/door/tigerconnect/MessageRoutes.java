package ephemera.server.door.tigerconnect;

import ephemera.core.Failure;
import ephemera.core.directory.Caller;
import ephemera.core.inbox.Typing;
import ephemera.core.talk.Attachment;
import ephemera.core.talk.Content;
import ephemera.core.talk.Draft;
import ephemera.core.talk.Journal;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Priority;
import ephemera.core.talk.Reading;
import ephemera.core.talk.ReceiptStatus;
import ephemera.core.talk.Sending;
import ephemera.server.http.Access;
import ephemera.server.http.Call;
import ephemera.server.http.JsonText;
import ephemera.server.http.Parameters;
import ephemera.server.http.Reply;
import ephemera.server.http.Route;
import ephemera.server.watch.Metrics;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Messages: send, forward, read, recall, receipts, typing (sections 3.1 to 3.8). */
final class MessageRoutes {

    private final Sending sending;
    private final Reading reading;
    private final Typing typing;
    private final Wire wire;
    private final Metrics metrics;

    MessageRoutes(Sending sending, Reading reading, Typing typing, Wire wire, Metrics metrics) {
        this.sending = sending;
        this.reading = reading;
        this.typing = typing;
        this.wire = wire;
        this.metrics = metrics;
    }

    List<Route> routes() {
        return List.of(
                new Route("POST", "/v2/message", Access.SIGNED_IN, this::send),
                new Route("GET", "/v2/message/{message}", Access.SIGNED_IN, this::message),
                new Route("DELETE", "/v2/message/{message}", Access.SIGNED_IN, this::recall),
                new Route("GET", "/v2/message/{message}/attachment/{number}", Access.SIGNED_IN, this::attachment),
                new Route("POST", "/v2/message/{message}/forward", Access.SIGNED_IN, this::forward),
                new Route("PUT", "/v2/message/status", Access.SIGNED_IN, this::mark),
                new Route("POST", "/v2/message/status", Access.SIGNED_IN, this::mark),
                new Route("GET", "/v2/message/{message}/status", Access.SIGNED_IN, this::status),
                new Route("POST", "/v2/get_bulk_message_status", Access.SIGNED_IN, this::statuses),
                new Route("GET", "/v2/message/typing", Access.SIGNED_IN, this::startTyping),
                new Route("POST", "/v2/message/typing", Access.SIGNED_IN, this::startTyping),
                new Route("DELETE", "/v2/message/typing/{recipient}", Access.SIGNED_IN, this::stopTyping),
                new Route("DELETE", "/v2/message/typing/{recipient}/{sender}", Access.SIGNED_IN, this::stopTyping));
    }

    private Reply send(Call call) {
        Draft draft = draft(call, call.parameters().required("recipient"), call.parameters().file());
        Journal.Appended appended = sending.send(call.caller(), draft);
        metrics.sendsAcknowledged(1);
        return sent(call, appended.message());
    }

    private Reply forward(Call call) {
        Parameters parameters = call.parameters();
        String recipient = parameters
                .anyText("recipient", "recipient_token")
                .orElseThrow(() -> Parameters.missing("recipient"));
        Draft draft = draft(call, recipient, Optional.empty());
        Journal.Appended appended = sending.forward(call.caller(), message(call.path("message")), draft);
        metrics.sendsAcknowledged(1);
        return sent(call, appended.message());
    }

    private static Draft draft(Call call, String recipient, Optional<Attachment> file) {
        Parameters parameters = call.parameters();
        return new Draft(
                recipient,
                parameters.anyText("sender_organization", "TT-X-Organization-Key"),
                parameters.anyText("recipient_organization"),
                parameters.number("ttl"),
                parameters.bool("dor"),
                Priority.of(parameters.number("priority").orElse(0L)),
                new Content(parameters.text("body").orElse(""), DataItems.read(parameters), file.stream().toList()),
                call.header("Request-ID")
                        .or(() -> call.header("Idempotency-Key"))
                        .map(JsonText::wellFormed)
                        .orElse(""),
                parameters.text("sub_type").orElse(""));
    }

    /** A bodyless 204 for older clients, the message for those that ask for it (traps 5 and 6). */
    private Reply sent(Call call, Message message) {
        boolean wanted =
                call.parameters().text("response_format").orElse("").equals("message");
        Reply reply = wanted ? Answers.ok(wire.message(message, ReceiptStatus.NEW)) : Reply.empty(204);
        return reply.with("TT-X-Message-Id", message.id().toString())
                .with("TT-X-Msg-Ttl", Integer.toString(message.lifespan().toldMinutes()));
    }

    private Reply message(Call call) {
        Message message = reading.message(call.caller(), message(call.path("message")));
        return Answers.ok(wire.message(message, reading.status(call.caller(), message)));
    }

    private Reply recall(Call call) {
        reading.recall(call.caller(), message(call.path("message")));
        return Answers.done();
    }

    private Reply attachment(Call call) {
        Reading.Opened opened =
                reading.attachment(call.caller(), message(call.path("message")), number(call.path("number")));
        // RFC 6266: the name in UTF-8, percent-encoded, so that no byte of it can break the header.
        String name = URLEncoder.encode(opened.attachment().name(), StandardCharsets.UTF_8).replace("+", "%20");
        return new Reply(
                200,
                List.of(
                        new Reply.Header("Content-Disposition", "attachment; filename*=UTF-8''" + name),
                        new Reply.Header("X-Content-Type-Options", "nosniff"),
                        new Reply.Header("Cache-Control", "no-store")),
                new Reply.Body.File(
                        opened.attachment().type(), opened.content(), opened.attachment().size()));
    }

    /** The place of an attachment, which has one form only. */
    private static int number(String text) {
        if (!text.matches("[1-9][0-9]{0,3}")) {
            throw Failure.NOT_FOUND.refused();
        }
        return Integer.parseInt(text);
    }

    private Reply mark(Call call) {
        Map<MessageId, ReceiptStatus> statuses = new HashMap<>();
        List<String> delivered = call.parameters().list("delivered");
        List<String> read = call.parameters().list("read");
        delivered.forEach(
                id -> MessageId.parse(id).ifPresent(message -> statuses.put(message, ReceiptStatus.DELIVERED)));
        read.forEach(id -> MessageId.parse(id).ifPresent(message -> statuses.put(message, ReceiptStatus.READ)));
        reading.mark(call.caller(), statuses);
        return Answers.ok(JsonText.object());
    }

    private Reply status(Call call) {
        MessageId message = message(call.path("message"));
        return Answers.ok(Wire.receipts(message, reading.receipts(call.caller(), message)));
    }

    private Reply statuses(Call call) {
        List<MessageId> ids = call.parameters().list("messages").stream()
                .flatMap(id -> MessageId.parse(id).stream())
                .distinct()
                .toList();
        Caller caller = call.caller();
        ObjectNode reply = JsonText.object();
        ArrayNode statuses = reply.putArray("bulk_message_statuses");
        var receipts = reading.receipts(caller, ids);
        for (MessageId id : ids) {
            if (receipts.containsKey(id)) {
                statuses.add(Wire.receipts(id, receipts.get(id)));
            }
        }
        return Answers.ok(reply);
    }

    private Reply startTyping(Call call) {
        call.parameters().requireTexts("proxy_token");
        typing.typing(call.caller(), call.parameters().required("recipient"), true);
        return Answers.done();
    }

    private Reply stopTyping(Call call) {
        typing.typing(call.caller(), call.path("recipient"), false);
        return Answers.done();
    }

    private static MessageId message(String token) {
        return MessageId.parse(token).orElseThrow(Failure.NOT_FOUND::refused);
    }
}
