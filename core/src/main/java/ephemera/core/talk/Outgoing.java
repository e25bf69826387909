package ephemera.core.talk;

import ephemera.core.Lifespan;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import ephemera.core.vault.Slice;
import java.util.List;
import java.util.Optional;

/**
 * A message that may be sent: authorised, within the policy, on its way to the journal.
 *
 * @param id the token that it will have
 * @param organization the organization of sender and recipients
 * @param conversation where it goes
 * @param sender who sends it
 * @param recipient the other one; empty for a group
 * @param lifespan how long it will live
 * @param traits what its sender decided about it
 * @param content what it says
 * @param origin where it comes from if it is forwarded
 * @param contacts recipients without streams, for whom it is queued to leave through a channel
 * @param inTopic whether it stands in a topic, which it makes unread and opens again
 */
public record Outgoing(
        MessageId id,
        OrganizationId organization,
        ConversationId conversation,
        PersonId sender,
        Optional<PersonId> recipient,
        Lifespan lifespan,
        Message.Traits traits,
        Content content,
        Optional<Origin> origin,
        List<PersonId> contacts,
        boolean inTopic) {

    /** The slice with which its keys end at the latest. */
    public Slice slice() {
        return id.slice().orElseThrow(() -> new IllegalStateException("message " + id + " carries no slice"));
    }
}
