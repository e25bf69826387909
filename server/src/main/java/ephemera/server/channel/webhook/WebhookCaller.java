package ephemera.server.channel.webhook;

import ephemera.core.outreach.DeliveryId;
import ephemera.core.outreach.Outcome;
import ephemera.core.outreach.Trouble;
import ephemera.core.outreach.Webhook;
import ephemera.core.outreach.WebhookSecret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/** Calls a webhook once, signed. Thread-safe; each call blocks for as long as the receiver takes, up to a bound. */
public final class WebhookCaller implements AutoCloseable {

    /** How long an attempt takes at most, the look-up of the name aside. */
    public static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Guard guard;
    private final HttpPost http;
    private final InstantSource clock;

    /** Calls whom the guard allows, and trusts whom this Java trusts. */
    public WebhookCaller(Guard guard, InstantSource clock) {
        this(guard, clock, standard(), PATIENCE);
    }

    /** Calls whom the guard allows, with that trust and patience. */
    WebhookCaller(Guard guard, InstantSource clock, SSLContext tls, Duration patience) {
        this.guard = guard;
        this.clock = clock;
        this.http = new HttpPost(tls, patience);
    }

    private static SSLContext standard() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has TLS", e);
        }
    }

    /**
     * Makes one attempt.
     *
     * @param secrets one or two, the newest first
     * @param body the text of what changed, JSON in UTF-8
     */
    public Outcome call(Webhook webhook, List<WebhookSecret> secrets, DeliveryId delivery, byte[] body) {
        return switch (guard.judge(webhook.url())) {
            case Guard.Verdict.Forbidden _ -> Outcome.Failed.of(Trouble.FORBIDDEN_ADDRESS);
            case Guard.Verdict.Unknown() -> Outcome.Failed.of(Trouble.NOT_CONNECTED);
            case Guard.Verdict.Allowed(var addresses) -> call(webhook, addresses, secrets, delivery, body);
        };
    }

    private Outcome call(
            Webhook webhook,
            List<InetAddress> addresses,
            List<WebhookSecret> secrets,
            DeliveryId delivery,
            byte[] body) {
        Instant now = clock.instant();
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(Verification.DELIVERY_HEADER, delivery.toString());
        headers.put(Verification.HEADER, Verification.token(secrets.getFirst(), delivery, now, body));
        secrets.stream().skip(1).limit(1).forEach(
                older -> headers.put(Verification.OLDER_HEADER, Verification.token(older, delivery, now, body)));
        try {
            return outcome(http.post(webhook.url(), addresses, headers, body));
        } catch (SocketTimeoutException _) {
            return Outcome.Failed.of(Trouble.TIMED_OUT);
        } catch (SSLException _) {
            return Outcome.Failed.of(Trouble.NOT_TRUSTED);
        } catch (ProtocolException _) {
            return Outcome.Failed.of(Trouble.NOT_UNDERSTOOD);
        } catch (IOException _) {
            return Outcome.Failed.of(Trouble.NOT_CONNECTED);
        }
    }

    private Outcome outcome(HttpAnswer answer) {
        int status = answer.status();
        if (status < 300) {
            return new Outcome.Accepted(status);
        }
        Trouble trouble = status < 400
                ? Trouble.REDIRECTED
                : status >= 500 || status == 408 || status == 429 ? Trouble.BUSY : Trouble.REFUSED;
        return new Outcome.Failed(trouble, OptionalInt.of(status), answer.retryAfter().flatMap(this::duration));
    }

    /** The time in a Retry-After header: seconds, or the date at which it ends (RFC 9110, section 10.2.3). */
    private Optional<Duration> duration(String text) {
        if (text.matches("[0-9]{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
        }
        try {
            Instant end = DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from);
            return Optional.of(Duration.between(clock.instant(), end)).filter(Duration::isPositive);
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
