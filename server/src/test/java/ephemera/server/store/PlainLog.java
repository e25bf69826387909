package ephemera.server.store;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.Audience;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Notice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What everybody should be told, by plain lists of what was said, what is gone, and who was in when. */
final class PlainLog {

    private final List<Message> sent = new ArrayList<>();
    private final Set<MessageId> gone = new HashSet<>();
    private final Set<ConversationId> deleted = new HashSet<>();
    private final Map<Seat, Set<MessageId>> burnt = new HashMap<>();
    private final Map<Seat, List<Stay>> stays = new HashMap<>();
    private final Map<PersonId, Set<Long>> acknowledged = new HashMap<>();

    private record Seat(ConversationId conversation, PersonId person) {}

    /** From when to when somebody was in a conversation, by positions. */
    private record Stay(long after, Optional<Long> until) {

        boolean holds(long position) {
            return position > after && position <= until.orElse(Long.MAX_VALUE);
        }
    }

    /** All that was ever said, in its order. */
    List<Message> sent() {
        return sent;
    }

    /** Something is said. */
    void add(Message message) {
        sent.add(message);
    }

    /** A message ends for everybody. */
    void lose(Message message) {
        gone.add(message.id());
    }

    /** A message ends for one of its readers. */
    void burn(Message message, PersonId reader) {
        burnt.computeIfAbsent(new Seat(message.conversation(), reader), _ -> new HashSet<>()).add(message.id());
    }

    /** Whether a message has ended for everybody. */
    boolean isGone(Message message) {
        return gone.contains(message.id());
    }

    /** Whether a message has ended for everybody or for that person. */
    boolean isGoneFor(Message message, PersonId person) {
        return isGone(message.id(), message.conversation(), person);
    }

    private boolean isGone(MessageId message, ConversationId conversation, PersonId person) {
        return gone.contains(message) || burnt.getOrDefault(new Seat(conversation, person), Set.of()).contains(message);
    }

    /** Somebody is in a conversation from behind a position on; what they saw of it before, they still see. */
    void join(ConversationId conversation, PersonId person, long after) {
        stays(conversation, person).add(new Stay(after, Optional.empty()));
    }

    /** Somebody sees of a conversation what comes behind a position, and nothing of what was before. */
    void begin(ConversationId conversation, PersonId person, long after) {
        forget(conversation, person);
        join(conversation, person, after);
    }

    /** Somebody no longer sees what was said while they were in a conversation. */
    void forget(ConversationId conversation, PersonId person) {
        stays(conversation, person).clear();
    }

    /** Somebody is in a conversation up to a position. */
    void leave(ConversationId conversation, PersonId person, long at) {
        List<Stay> known = stays(conversation, person);
        known.add(new Stay(known.removeLast().after(), Optional.of(at)));
    }

    /** A group ends, with those who are left in it; nothing happens if it ended before. */
    void delete(ConversationId group, List<PersonId> people, long at) {
        if (deleted.add(group)) {
            people.stream().filter(person -> isIn(group, person)).forEach(person -> leave(group, person, at));
        }
    }

    /** A conversation of two is emptied by one of them; what neither of the two sees any more has ended. */
    void clear(ConversationId conversation, PersonId who, PersonId other, long at) {
        begin(conversation, who, at);
        long seenByNobody = Math.min(
                stays(conversation, who).getFirst().after(),
                stays(conversation, other).getFirst().after());
        sent.stream()
                .filter(message -> message.conversation().equals(conversation))
                .filter(message -> message.position().value() <= seenByNobody)
                .forEach(this::lose);
    }

    /** Somebody acknowledges an entry. */
    void acknowledge(PersonId person, long position) {
        acknowledged.computeIfAbsent(person, _ -> new HashSet<>()).add(position);
    }

    private List<Stay> stays(ConversationId conversation, PersonId person) {
        return stays.computeIfAbsent(new Seat(conversation, person), _ -> new ArrayList<>());
    }

    /** Whether somebody is in a conversation now. */
    boolean isIn(ConversationId conversation, PersonId person) {
        List<Stay> known = stays(conversation, person);
        return !known.isEmpty() && known.getLast().until().isEmpty();
    }

    private boolean wasIn(ConversationId conversation, PersonId person, long position) {
        return stays(conversation, person).stream().anyMatch(stay -> stay.holds(position));
    }

    /** The latest messages of a group, as far as they live for somebody. */
    List<MessageId> history(ConversationId group, PersonId person, int limit) {
        List<MessageId> alive = sent.stream()
                .filter(message -> message.conversation().equals(group))
                .map(Message::id)
                .filter(id -> !gone.contains(id))
                .toList();
        return alive.subList(Math.max(0, alive.size() - limit), alive.size()).stream()
                .filter(id -> !isGone(id, group, person))
                .toList();
    }

    /** Of what somebody was told live, what they should still be told. */
    List<Entry> whole(PersonId person, List<Entry> told) {
        return told.stream().filter(entry -> isTold(person, entry)).toList();
    }

    /** The same without what they have acknowledged. */
    List<Entry> open(PersonId person, List<Entry> told) {
        Set<Long> known = acknowledged.getOrDefault(person, Set.of());
        return whole(person, told).stream().filter(entry -> !known.contains(entry.position().value())).toList();
    }

    private boolean isTold(PersonId person, Entry entry) {
        long position = entry.position().value();
        return switch (entry.notice()) {
            case Notice.Sent(Message message, boolean history) ->
                    isAlive(message.id(), message.conversation(), person)
                            && (history || wasIn(message.conversation(), person, position));
            case Notice.Joined joined -> isTold(joined.group(), person, position);
            case Notice.Left left -> isTold(left.group(), person, position);
            case Notice.GroupChanged(var group) -> isTold(group, person, position);
            case Notice.GroupListed(var group) -> isIn(group, person);
            case Notice.Recalled _ -> wasAmong(entry.audience(), person, position);
            case Notice.Reacted reacted ->
                    isAlive(reacted.message(), reacted.conversation(), person)
                            && wasAmong(entry.audience(), person, position);
            case Notice.Marked _, Notice.PersonListed _, Notice.PersonUnlisted _ -> true;
            case Notice.GroupUnlisted _, Notice.PersonChanged _, Notice.MuteChanged _ -> true;
        };
    }

    private boolean isAlive(MessageId message, ConversationId conversation, PersonId person) {
        return !isGone(message, conversation, person) && !deleted.contains(conversation);
    }

    /** Whom an entry names, it is for; of a group's entries those who were in it then. */
    private boolean wasAmong(Audience audience, PersonId person, long position) {
        return !(audience instanceof Audience.Members(var group)) || wasIn(group, person, position);
    }

    /** A group is told as it is now, and so to those only who are in it. */
    private boolean isTold(ConversationId group, PersonId person, long position) {
        return isIn(group, person) && wasIn(group, person, position);
    }
}
