package ephemera.acceptance.vanishing;

import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Reply;
import ephemera.acceptance.client.Tiger;
import java.net.URI;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A message that was stored, with what was said in it and by whom it can be asked for.
 *
 * @param id its token
 * @param sender who sent it
 * @param reader who may read it; the sender, if it went to somebody without an account
 * @param draft what was said
 * @param sentAt when, by the server's clock
 */
record Letter(String id, Credentials sender, Credentials reader, Draft draft, Instant sentAt) {

    /** Sends a message, which must be accepted. */
    static Letter send(URI server, Credentials sender, Credentials reader, Draft draft) {
        Reply reply = Tiger.at(server).as(sender).send(draft).expect(200);
        Instant sentAt = Instant.parse(reply.reply().path("created_time").asString());
        return new Letter(reply.messageId(), sender, reader, draft, sentAt);
    }

    /** Lets the reader forward it to somebody else. */
    Letter forward(URI server, Credentials to) {
        Reply reply = Tiger.at(server).as(reader).forward(id, to.token()).expect(200, 204);
        Reply copy = Tiger.at(server).as(to).message(reply.messageId()).expect(200);
        Instant sentAt = Instant.parse(copy.reply().path("created_time").asString());
        return new Letter(reply.messageId(), reader, to, draft, sentAt);
    }

    /** When its lifespan is over. */
    Instant end() {
        return sentAt.plusSeconds(60L * draft.ttl().orElseThrow());
    }

    /** Everything that must not be found of it when it is over, as a reader would see it. */
    Stream<String> secrets() {
        return Stream.of(
                Stream.of(draft.body()),
                draft.data().stream().map(Draft.Data::namespace),
                draft.attachment().stream().map(Draft.Attachment::name))
                .flatMap(part -> part);
    }

    /** What is wrong with how the reader reads it, file and all; nothing if it comes byte for byte. */
    Optional<String> damage(URI server) {
        Tiger tiger = Tiger.at(server).as(reader);
        Reply message = tiger.message(id);
        if (message.status() != 200 || !message.reply().path("body").asString("").equals(draft.body())) {
            return Optional.of("another message: " + message);
        }
        if (draft.attachment().isPresent()) {
            Draft.Attachment file = draft.attachment().get();
            Reply attachment = tiger.attachment(id);
            if (attachment.status() != 200 || !Arrays.equals(attachment.body(), file.bytes())) {
                return Optional.of("another file: " + attachment.request() + " -> " + attachment.status());
            }
            if (!message.text().contains(file.name())) {
                return Optional.of("another file name: " + message);
            }
        }
        return Optional.empty();
    }

    /** What is still served of it to sender or reader by any call that names it; nothing if all say 404. */
    Optional<String> remains(URI server) {
        for (Credentials each : Stream.of(sender, reader).distinct().toList()) {
            Tiger tiger = Tiger.at(server).as(each);
            for (Reply reply : new Reply[] {tiger.message(id), tiger.attachment(id), tiger.forward(id, each.token())}) {
                if (reply.status() != 404 || secrets().anyMatch(reply.text()::contains)) {
                    return Optional.of(reply.toString());
                }
            }
        }
        return Optional.empty();
    }
}
