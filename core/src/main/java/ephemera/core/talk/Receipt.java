package ephemera.core.talk;

import ephemera.core.directory.PersonId;
import java.time.Instant;
import java.util.Optional;

/**
 * How far a message has come with one recipient.
 *
 * @param reader the recipient
 * @param status the furthest state
 * @param at when that state was reached; the time of sending for a new one
 * @param channel how it leaves the server, for a recipient without streams: {@code email} or {@code sms}
 */
public record Receipt(PersonId reader, ReceiptStatus status, Instant at, Optional<String> channel) {}
