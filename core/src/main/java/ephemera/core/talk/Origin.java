package ephemera.core.talk;

import ephemera.core.directory.PersonId;
import java.time.Instant;
import java.util.List;

/**
 * Where a forwarded message comes from.
 *
 * @param message the message that was forwarded
 * @param sender who wrote it first
 * @param senderName the first sender's name at that time
 * @param sentAt when it was written first
 * @param data the data of the first message
 */
public record Origin(MessageId message, PersonId sender, String senderName, Instant sentAt, List<Datum> data) {}
