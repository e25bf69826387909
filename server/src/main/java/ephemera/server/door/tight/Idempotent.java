package ephemera.server.door.tight;

import ephemera.core.Idempotency;
import ephemera.core.Ids;
import ephemera.core.Refused;
import ephemera.core.directory.Caller;
import ephemera.core.talk.Allowance;
import ephemera.core.talk.Uploads;
import ephemera.server.door.tight.Envelope.Problem;
import ephemera.server.http.Access;
import ephemera.server.http.Call;
import ephemera.server.http.JsonText;
import ephemera.server.http.Reply;
import ephemera.server.http.Route;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/**
 * Lets a client repeat a POST without having it done twice: with an {@code Idempotency-Key} of its own choice.
 *
 * <p>What is kept of an answer for a day is free of content, so that nothing outlives its message: an operation that
 * answers with content keeps what it needs to say the same again, as far as it may still be said. Refusals are kept
 * like other answers, except those that may be different next time (401, 429 and from 500 on). Thread-safe.
 */
final class Idempotent {

    static final String HEADER = "Idempotency-Key";
    static final String REPLAYED = "Idempotency-Replayed";

    private static final Logger LOG = System.getLogger(Idempotent.class.getName());
    private static final int LONGEST = 255;
    private static final String VERBATIM = "reply";

    private final Idempotency requests;

    /** Makes it over that store. */
    Idempotent(Idempotency requests) {
        this.requests = requests;
    }

    /** Something that a POST does. */
    interface Operation {

        /**
         * Does it.
         *
         * @throws Refused to answer with a failure
         */
        Outcome run(Attempt attempt) throws Exception;

        /** Answers it anew from what {@link #run} had kept; the call is the same, perhaps a day later. */
        Reply again(Call call, JsonNode kept) throws Exception;
    }

    /**
     * A call that is to be done.
     *
     * @param seed the same for each attempt to do the same request; empty if the client gave no key
     */
    record Attempt(Call call, Optional<UUID> seed) {

        /**
         * The request id for the message that comes of an item, by which it is stored once although a first attempt may
         * have been cut off after storing it; empty text if the client gave no key.
         */
        String requestId(int item) {
            return seed.map(each -> each + "-" + item).orElse("");
        }

        /**
         * The id for what is made of an item, by which it is recognised although a first attempt may have been cut off
         * after making it; none if the client gave no key.
         */
        Optional<UUID> newId(int item) {
            return seed.map(each -> Ids.derived(each, item));
        }
    }

    /**
     * What came of an attempt.
     *
     * @param reply the answer
     * @param kept what {@link Operation#again} needs, without content
     */
    record Outcome(Reply reply, JsonNode kept) {

        /** An answer that has no content, and is told again as it is. */
        static Outcome verbatim(Reply reply) {
            JsonNode body = reply.body() instanceof Reply.Body.Bytes(_, byte[] bytes)
                    ? JsonText.read(bytes)
                    : JsonText.object();
            return new Outcome(reply, JsonText.object().set(VERBATIM, body));
        }
    }

    /** A route that changes something, for those whose token is good for that. */
    Route writing(String template, Operation operation) {
        return new Route("POST", template, Access.TOKEN, call -> {
            call.caller().requireWrite();
            return answer(template, call, operation);
        });
    }

    /**
     * A route that brings a file, for which there must be room, unless it was brought before: a repeated request stores
     * nothing, and is answered like the first however full it is by then.
     */
    Route bringing(String template, Operation operation, Uploads uploads) {
        return writing(template, operation)
                .admitting((caller, header, declared) -> header.apply(HEADER)
                        .filter(key -> isWellFormed(key) && requests.isDone(client(caller), digest(key)))
                        .map(_ -> Allowance.UNCOUNTED)
                        .orElseGet(() -> uploads.admit(caller, declared)));
    }

    /** A route that changes nothing: it is asked anew when it is repeated. */
    Route reading(String template, Route.Handler handler) {
        Operation operation = new Operation() {
            @Override
            public Outcome run(Attempt attempt) throws Exception {
                return new Outcome(handler.handle(attempt.call()), JsonText.object());
            }

            @Override
            public Reply again(Call call, JsonNode kept) throws Exception {
                return handler.handle(call);
            }
        };
        return new Route("POST", template, Access.TOKEN, call -> answer(template, call, operation));
    }

    private Reply answer(String template, Call call, Operation operation) throws Exception {
        Optional<String> key = call.header(HEADER);
        if (key.isEmpty()) {
            return operation.run(new Attempt(call, Optional.empty())).reply();
        }
        if (!isWellFormed(key.get())) {
            return Envelope.failure(400, List.of(Problem.of(
                    Problem.Type.INVALID_VALUE, HEADER, "The key has 1 to 255 visible ASCII characters.")));
        }
        return switch (requests.begin(request(template, call, key.get()))) {
            case Idempotency.Claim.Begun(var ticket, UUID seed) -> run(call, operation, ticket, seed);
            case Idempotency.Claim.Done(var answer) -> again(call, operation, answer);
            case Idempotency.Claim.Running() ->
                    taken("A request with this key is being done; try again.").with("Retry-After", "1");
            case Idempotency.Claim.Taken() -> taken("This key was used for another request.");
        };
    }

    private static boolean isWellFormed(String key) {
        return key.length() <= LONGEST && key.chars().allMatch(each -> each > ' ' && each <= '~');
    }

    private static Reply taken(String message) {
        return Envelope.failure(409, List.of(Problem.of(Problem.Type.DUPLICATE, HEADER, message)));
    }

    private Reply run(Call call, Operation operation, Idempotency.Ticket ticket, UUID seed) throws Exception {
        Outcome outcome;
        try {
            outcome = operation.run(new Attempt(call, Optional.of(seed)));
        } catch (Refused refused) {
            outcome = Outcome.verbatim(Refusals.reply(refused));
        } catch (Exception e) {
            settle(ticket, Optional.empty());
            throw e;
        }
        int status = outcome.reply().status();
        boolean lasting = status < 500 && status != 401 && status != 429;
        settle(
                ticket,
                lasting ? Optional.of(new Idempotency.Answer(status, JsonText.text(outcome.kept())))
                        : Optional.empty());
        return outcome.reply();
    }

    /** What was done is answered, also if that cannot be noted: whoever repeats it then finds what came of it. */
    private void settle(Idempotency.Ticket ticket, Optional<Idempotency.Answer> answer) {
        try {
            answer.ifPresentOrElse(each -> requests.end(ticket, each), () -> requests.release(ticket));
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "what came of a request with a key could not be noted: {0}", e.toString());
        }
    }

    private static Reply again(Call call, Operation operation, Idempotency.Answer answer) throws Exception {
        JsonNode kept = JsonText.read(answer.kept());
        Reply reply = kept.has(VERBATIM)
                ? Reply.json(answer.status(), kept.get(VERBATIM))
                : operation.again(call, kept);
        return reply.with(REPLAYED, "true");
    }

    private static Idempotency.Request request(String template, Call call, String key) {
        Caller caller = call.caller();
        MessageDigest asked = sha256();
        add(asked, caller.id().toString());
        add(asked, call.method() + " " + template);
        new TreeMap<>(call.path()).values().forEach(value -> add(asked, value));
        call.parameters().digest(asked);
        return new Idempotency.Request(client(caller), digest(key), hex(asked.digest()));
    }

    /** Whose keys are told apart. */
    private static String client(Caller caller) {
        return caller.client().map(each -> each.id().toString()).orElse(caller.id().toString());
    }

    private static String digest(String key) {
        return hex(sha256().digest(key.getBytes(StandardCharsets.US_ASCII)));
    }

    private static void add(MessageDigest digest, String text) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
