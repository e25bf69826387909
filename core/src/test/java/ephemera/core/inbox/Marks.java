package ephemera.core.inbox;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.AuditTrail;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Emoji;
import ephemera.core.talk.Journal;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Mute;
import ephemera.core.talk.Outgoing;
import ephemera.core.talk.Position;
import ephemera.core.talk.Reaction;
import ephemera.core.talk.ReceiptStatus;
import ephemera.core.talk.Topic;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The part of a journal that an inbox writes to: receipts, kept in memory; everything else is none of its business. */
final class Marks implements Journal {

    /** A receipt that was moved forward. */
    record Mark(PersonId reader, MessageId message, ReceiptStatus status) {}

    private final List<Mark> marks = new ArrayList<>();

    /** What was marked, in order. */
    synchronized List<Mark> all() {
        return List.copyOf(marks);
    }

    @Override
    public synchronized void mark(PersonId reader, Map<MessageId, ReceiptStatus> statuses) {
        statuses.forEach((message, status) -> marks.add(new Mark(reader, message, status)));
    }

    @Override
    public Appended send(Outgoing outgoing) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Appended> send(List<Outgoing> outgoing) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ConversationId open(
            AuditTrail.Editor by, Conversation.Group group, Topic.About about, String requestId) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void change(AuditTrail.Editor by, Topic topic, Topic.Change change, Optional<String> name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void read(ConversationId topic, PersonId reader, Position position) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void unread(ConversationId topic, PersonId reader) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean claim(PersonId reader, Message message) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean recall(Message message) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Reaction> react(AuditTrail.Editor by, Message message, Emoji emoji) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean unreact(AuditTrail.Editor by, Message message, Emoji emoji) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Conversation.Direct list(Conversation.Direct conversation) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void clear(ConversationId conversation, PersonId person, PersonId other) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Conversation.Group create(Conversation.Group group, String requestId) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void update(ConversationId group, Conversation.Looks looks, PersonId by) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void change(Membership change) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void delete(ConversationId group, PersonId by) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void personChanged(PersonId person, Collection<PersonId> told) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void mute(Mute mute) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void unmute(PersonId person, Optional<Mute> mute) {
        throw new UnsupportedOperationException();
    }
}
