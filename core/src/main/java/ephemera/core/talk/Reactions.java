package ephemera.core.talk;

import ephemera.core.Failure;
import ephemera.core.Limits;
import ephemera.core.Refused;
import ephemera.core.directory.Caller;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The use cases of reacting to messages.
 *
 * <p>A reaction lives as long as its message, moves nobody's receipts, and makes no conversation unread. Whoever may
 * see a message may react to it. Thread-safe.
 */
public final class Reactions {

    private final Reading reading;
    private final Archive archive;
    private final Journal journal;
    private final Limits limits;

    /** Makes the use cases over those ports. */
    public Reactions(Reading reading, Archive archive, Journal journal, Limits limits) {
        this.reading = reading;
        this.archive = archive;
        this.journal = journal;
        this.limits = limits;
    }

    /**
     * Lets the caller react to a message; a repetition changes nothing and gives the first reaction again. A strict
     * message is not read hereby.
     *
     * @throws Refused with {@code NOT_FOUND} if the message is unknown or gone, {@code NOT_A_MEMBER} if the caller is
     *     not party to it
     */
    public Reaction react(Caller caller, MessageId id, Emoji emoji) {
        Message message = reading.look(caller, id);
        return journal.react(AuditTrail.Editor.of(caller), message, emoji).orElseThrow(Failure.NOT_FOUND::refused);
    }

    /**
     * Takes a reaction of the caller back.
     *
     * @throws Refused like {@link #react}, and with {@code NOT_FOUND} if the caller has not reacted so
     */
    public void unreact(Caller caller, MessageId id, Emoji emoji) {
        Message message = reading.look(caller, id);
        if (!journal.unreact(AuditTrail.Editor.of(caller), message, emoji)) {
            throw Failure.NOT_FOUND.refused("There is no such reaction of yours.");
        }
    }

    /**
     * The reactions to several messages, the earliest first; messages that the caller may not see, or that nobody has
     * reacted to, are left out.
     *
     * @throws Refused with {@code INVALID} if they are too many
     */
    public Map<MessageId, List<Reaction>> of(Caller caller, Collection<MessageId> ids) {
        if (ids.size() > limits.idsPerCall()) {
            throw Failure.INVALID.refused("At most " + limits.idsPerCall() + " ids are allowed in one call.");
        }
        return ids.isEmpty() ? Map.of() : archive.reactions(ids, caller.organization(), caller.id());
    }
}
