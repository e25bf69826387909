package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.PersonId;
import ephemera.core.inbox.Bus;
import ephemera.core.inbox.Log;
import ephemera.core.inbox.Ranges;
import ephemera.core.talk.Audience;
import ephemera.core.talk.AuditTrail;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Emoji;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Journal;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Mute;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Outgoing;
import ephemera.core.talk.Position;
import ephemera.core.talk.ReceiptStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Timeout;

/**
 * Whoever was away reads the same as whoever was there, entry by entry, but for what is gone, what is no longer theirs,
 * and what they have acknowledged: conversations, joins, leaves, histories, recalls, deletions and acknowledgements at
 * random, against plain lists.
 */
@Timeout(120)
class LogHoldsWhatWasToldLive {

    private final OwnDatabase own = new OwnDatabase();
    private final Node node = new Node(own);
    private final List<PersonId> people = new ArrayList<>();
    private final List<ConversationId> groups = new ArrayList<>();
    private final Set<ConversationId> topics = new HashSet<>();

    private final Map<PersonId, List<Entry>> live = new HashMap<>();
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

    /** Notes for each person what their streams would be told, who is in a group being asked at that moment. */
    private final class Streams implements Bus {

        @Override
        public void publish(List<Entry> entries) {
            for (Entry entry : entries) {
                Collection<PersonId> told = switch (entry.audience()) {
                    case Audience.Only(var only) -> only;
                    case Audience.Members(var group) ->
                            node.rooms.group(group).map(Conversation::members).orElse(Set.of());
                };
                synchronized (live) {
                    told.forEach(person -> add(person, entry));
                }
            }
        }

        /** As a live stream does, which reads on from where it is and passes over what is published afterwards. */
        @Override
        public void missed(Collection<PersonId> people, Position through) {
            synchronized (live) {
                for (PersonId person : people) {
                    read(person, last(person), true, 7).forEach(entry -> add(person, entry));
                }
            }
        }

        private void add(PersonId person, Entry entry) {
            if (entry.position().value() > last(person)) {
                live.computeIfAbsent(person, _ -> new ArrayList<>()).add(entry);
            }
        }

        private long last(PersonId person) {
            List<Entry> told = live.getOrDefault(person, List.of());
            return told.isEmpty() ? 0 : told.getLast().position().value();
        }

        @Override
        public void missed(Position through) {
            throw new AssertionError("nothing is missed by the only process");
        }
    }

    @BeforeEach
    void begin() {
        node.start(new Streams());
        for (int i = 0; i < 4; i++) {
            people.add(node.person());
        }
        for (PersonId person : people) {
            ConversationId id = node.direct(people.getFirst(), person);
            stays.put(new Seat(id, people.getFirst()), new ArrayList<>(List.of(new Stay(0, Optional.empty()))));
            stays.put(new Seat(id, person), new ArrayList<>(List.of(new Stay(0, Optional.empty()))));
        }
    }

    @AfterEach
    void end() {
        node.close();
        own.close();
    }

    @RepeatedTest(6)
    void whateverHappened(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        addGroup(random);
        for (int step = 0; step < 120; step++) {
            act(random);
            if (step % 20 == 19) {
                check(random);
            }
        }
    }

    private void act(Random random) {
        switch (random.nextInt(20)) {
            case 0 -> addGroup(random);
            case 1, 2, 3 -> changeMembers(random);
            case 4 -> markSome(random);
            case 5 -> recallOne(random);
            case 6 -> loseOne(random);
            case 7 -> burnOne(random);
            case 8 -> clearOne(random);
            case 9 -> acknowledgeSome(random);
            case 10 -> tellSomething(random);
            case 12, 13 -> reactToOne(random);
            case 11 -> {
                if (random.nextInt(4) == 0) {
                    deleteOne(random);
                }
            }
            default -> send(random);
        }
    }

    private <T> Optional<T> any(List<T> list, Random random) {
        return list.isEmpty() ? Optional.empty() : Optional.of(list.get(random.nextInt(list.size())));
    }

    private PersonId anybody(Random random) {
        return people.get(random.nextInt(people.size()));
    }

    private long head() {
        return node.log.head().value();
    }

    private List<Stay> stays(ConversationId conversation, PersonId person) {
        return stays.computeIfAbsent(new Seat(conversation, person), _ -> new ArrayList<>());
    }

    private boolean isIn(ConversationId conversation, PersonId person) {
        List<Stay> known = stays(conversation, person);
        return !known.isEmpty() && known.getLast().until().isEmpty();
    }

    private void leave(ConversationId conversation, PersonId person, long at) {
        List<Stay> known = stays(conversation, person);
        known.add(new Stay(known.removeLast().after(), Optional.of(at)));
    }

    private void addGroup(Random random) {
        List<PersonId> members = people.stream().filter(_ -> random.nextInt(3) > 0).toList();
        if (members.isEmpty()) {
            return;
        }
        long before = head();
        ConversationId id;
        if (random.nextBoolean()) {
            id = node.topic(members);
            topics.add(id);
        } else {
            id = node.group(members, false);
        }
        groups.add(id);
        members.forEach(person -> stays(id, person).add(new Stay(before, Optional.empty())));
    }

    private void changeMembers(Random random) {
        any(groups, random).ifPresent(group -> {
            List<PersonId> joining = people.stream().filter(_ -> random.nextInt(3) == 0).toList();
            List<PersonId> leaving = people.stream()
                    .filter(person -> !joining.contains(person) && random.nextInt(4) == 0)
                    .toList();
            int history = random.nextBoolean() ? 1 + random.nextInt(30) : 0;
            long before = head();
            node.journal.change(new Journal.Membership(
                    group, anybody(random), joining, leaving, history, random.nextBoolean()));
            for (PersonId person : joining) {
                if (!isIn(group, person)) {
                    assertThat(historyOf(person, before)).isEqualTo(history(group, person, history));
                    if (history > 0) {
                        // Whoever gets the past as a history gets it once.
                        stays(group, person).clear();
                    }
                    stays(group, person).add(new Stay(before, Optional.empty()));
                }
            }
            leaving.stream().filter(person -> isIn(group, person)).forEach(person -> leave(group, person, before));
            // A group that nobody is left in is over.
            if (people.stream().noneMatch(person -> isIn(group, person))) {
                deleted.add(group);
                groups.remove(group);
            }
        });
    }

    /** The earlier messages that somebody was told live since a position. */
    private List<MessageId> historyOf(PersonId person, long since) {
        synchronized (live) {
            return live.getOrDefault(person, List.of()).stream()
                    .filter(entry -> entry.position().value() > since)
                    .map(Entry::notice)
                    .filter(notice -> notice instanceof Notice.Sent(var _, boolean history) && history)
                    .map(notice -> ((Notice.Sent) notice).message().id())
                    .toList();
        }
    }

    /** The latest messages of a group, as far as they live for somebody. */
    private List<MessageId> history(ConversationId group, PersonId person, int limit) {
        List<MessageId> alive = sent.stream()
                .filter(message -> message.conversation().equals(group))
                .map(Message::id)
                .filter(id -> !gone.contains(id))
                .toList();
        Set<MessageId> burntHere = burnt.getOrDefault(new Seat(group, person), Set.of());
        return alive.subList(Math.max(0, alive.size() - limit), alive.size()).stream()
                .filter(id -> !burntHere.contains(id))
                .toList();
    }

    private void send(Random random) {
        boolean deleteOnRead = random.nextInt(3) == 0;
        Optional<ConversationId> group = any(groups, random);
        PersonId sender = anybody(random);
        PersonId first = people.getFirst();
        if (random.nextBoolean() && group.isPresent() && isIn(group.get(), sender)) {
            Outgoing said = Node.outgoing(sender, group.get(), Optional.empty(), deleteOnRead, "", "");
            sent.add(node.journal
                    .send(topics.contains(group.get()) ? Node.inTopic(said) : said)
                    .message());
        } else {
            boolean back = random.nextBoolean();
            sent.add(node.journal
                    .send(Node.outgoing(
                            back ? sender : first,
                            ConversationId.between(first, sender),
                            Optional.of(back ? first : sender),
                            deleteOnRead,
                            "",
                            ""))
                    .message());
        }
    }

    /** Several at once, so that one row of the log stands for several events. */
    private void markSome(Random random) {
        Map<MessageId, ReceiptStatus> statuses = new HashMap<>();
        for (int i = 0; i < 12; i++) {
            any(sent, random)
                    .filter(message -> !message.traits().deleteOnRead())
                    .ifPresent(message -> statuses.put(
                            message.id(), random.nextBoolean() ? ReceiptStatus.READ : ReceiptStatus.DELIVERED));
        }
        node.journal.mark(anybody(random), statuses);
    }

    private void recallOne(Random random) {
        any(sent, random).ifPresent(message -> {
            assertThat(node.journal.recall(message)).isEqualTo(!gone.contains(message.id()));
            gone.add(message.id());
        });
    }

    private void reactToOne(Random random) {
        any(sent, random).ifPresent(message -> {
            PersonId person = anybody(random);
            AuditTrail.Editor editor = AuditTrail.Editor.of(person);
            boolean isGone = gone.contains(message.id())
                    || burnt.getOrDefault(new Seat(message.conversation(), person), Set.of()).contains(message.id());
            Emoji emoji = random.nextBoolean() ? Emoji.EYES : Emoji.RED_HEART;
            if (random.nextInt(3) == 0) {
                boolean removed = node.journal.unreact(editor, message, emoji);
                assertThat(removed && isGone).isFalse();
            } else {
                assertThat(node.journal.react(editor, message, emoji).isPresent()).isNotEqualTo(isGone);
            }
        });
    }

    private void loseOne(Random random) {
        any(sent, random).ifPresent(message -> {
            node.execute(
                    random.nextBoolean()
                            ? "UPDATE message SET expires_at = now() WHERE message_id = ?"
                            : "DELETE FROM message WHERE message_id = ?",
                    message.id().value());
            gone.add(message.id());
        });
    }

    /** A delete-on-read message that somebody read more than a minute ago. */
    private void burnOne(Random random) {
        any(sent, random).filter(message -> message.traits().deleteOnRead()).ifPresent(message -> {
            PersonId reader = anybody(random);
            node.execute(
                    """
                    INSERT INTO burn (epoch, message_id, person_id, gone_at)
                    SELECT epoch, message_id, ?, now() FROM message WHERE message_id = ? ON CONFLICT DO NOTHING
                    """,
                    reader.value(),
                    message.id().value());
            burnt.computeIfAbsent(new Seat(message.conversation(), reader), _ -> new HashSet<>()).add(message.id());
        });
    }

    private void clearOne(Random random) {
        PersonId first = people.getFirst();
        PersonId other = anybody(random);
        PersonId who = random.nextBoolean() ? first : other;
        ConversationId conversation = ConversationId.between(first, other);
        long before = head();
        node.journal.clear(conversation, who, who.equals(first) ? other : first);
        stays.put(new Seat(conversation, who), new ArrayList<>(List.of(new Stay(before, Optional.empty()))));
        // What neither of the two sees any more has ended.
        long seenByNobody = Math.min(
                stays(conversation, first).getFirst().after(),
                stays(conversation, other).getFirst().after());
        sent.stream()
                .filter(message -> message.conversation().equals(conversation))
                .filter(message -> message.position().value() <= seenByNobody)
                .forEach(message -> gone.add(message.id()));
    }

    private void deleteOne(Random random) {
        any(groups, random).ifPresent(group -> {
            long before = head();
            node.journal.delete(group, anybody(random));
            if (deleted.add(group)) {
                people.stream().filter(person -> isIn(group, person)).forEach(person -> leave(group, person, before));
                groups.remove(group);
            }
        });
    }

    private void tellSomething(Random random) {
        if (random.nextBoolean()) {
            node.journal.personChanged(anybody(random), people);
        } else {
            PersonId person = anybody(random);
            node.journal.mute(new Mute(person, Mute.Kind.PERSON, anybody(random).toString(), Instant.EPOCH, 10));
            node.journal.unmute(person, Optional.empty());
        }
    }

    private void acknowledgeSome(Random random) {
        PersonId person = anybody(random);
        List<Ranges.Range> ranges = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            // From the beginning, as most clients do, or somewhere in between.
            long first = random.nextInt(3) == 0 ? 1 : random.nextLong(1, head() + 1);
            long last = Math.min(head(), first + random.nextInt(25));
            ranges.add(new Ranges.Range(first, last));
            for (long position = first; position <= last; position++) {
                acknowledged.computeIfAbsent(person, _ -> new HashSet<>()).add(position);
            }
        }
        node.log.acknowledge(person, new Ranges(ranges));
    }

    private boolean isTold(PersonId person, Entry entry) {
        long position = entry.position().value();
        return switch (entry.notice()) {
            case Notice.Sent(Message message, boolean history) ->
                    !gone.contains(message.id())
                            && !deleted.contains(message.conversation())
                            && !burnt.getOrDefault(new Seat(message.conversation(), person), Set.of())
                                    .contains(message.id())
                            && (history || wasIn(message.conversation(), person, position));
            case Notice.Joined joined -> isTold(joined.group(), person, position);
            case Notice.Left left -> isTold(left.group(), person, position);
            case Notice.GroupChanged(var group) -> isTold(group, person, position);
            case Notice.GroupListed(var group) -> isIn(group, person);
            case Notice.Recalled recalled ->
                    !(entry.audience() instanceof Audience.Members(var group)) || wasIn(group, person, position);
            case Notice.Reacted reacted ->
                    !gone.contains(reacted.message())
                            && !deleted.contains(reacted.conversation())
                            && !burnt.getOrDefault(new Seat(reacted.conversation(), person), Set.of())
                                    .contains(reacted.message())
                            && (!(entry.audience() instanceof Audience.Members(var group))
                                    || wasIn(group, person, position));
            case Notice.Marked _, Notice.PersonListed _, Notice.PersonUnlisted _ -> true;
            case Notice.GroupUnlisted _, Notice.PersonChanged _, Notice.MuteChanged _ -> true;
        };
    }

    /** A group is told as it is now, and so to those only who are in it. */
    private boolean isTold(ConversationId group, PersonId person, long position) {
        return isIn(group, person) && wasIn(group, person, position);
    }

    private boolean wasIn(ConversationId conversation, PersonId person, long position) {
        return stays(conversation, person).stream().anyMatch(stay -> stay.holds(position));
    }

    private void check(Random random) {
        for (PersonId person : people) {
            List<Entry> told;
            synchronized (live) {
                told = List.copyOf(live.getOrDefault(person, List.of()));
            }
            Set<Long> known = acknowledged.getOrDefault(person, Set.of());
            List<Entry> whole = told.stream().filter(entry -> isTold(person, entry)).toList();
            List<Entry> open = whole.stream()
                    .filter(entry -> !known.contains(entry.position().value()))
                    .toList();
            assertThat(told).as("told live").isSortedAccordingTo((a, b) -> a.position().compareTo(b.position()));
            assertThat(read(person, 0, true, 1 + random.nextInt(20))).isEqualTo(whole);
            assertThat(read(person, 0, false, 1 + random.nextInt(20))).isEqualTo(open);
            assertThat(read(person, 0, false, 10_000)).isEqualTo(open);
            assertThat(node.log.count(person, Position.START, true)).isGreaterThanOrEqualTo(whole.size());
            assertThat(node.log.count(person, Position.START, false)).isGreaterThanOrEqualTo(open.size());
            long after = random.nextLong(head() + 1);
            assertThat(read(person, after, true, 1 + random.nextInt(20)))
                    .isEqualTo(whole.stream().filter(entry -> entry.position().value() > after).toList());
            assertThat(read(person, after, false, 1 + random.nextInt(20)))
                    .isEqualTo(open.stream().filter(entry -> entry.position().value() > after).toList());
        }
    }

    /** All pages of the log behind a position. */
    private List<Entry> read(PersonId person, long after, boolean acknowledgedToo, int limit) {
        List<Entry> entries = new ArrayList<>();
        Position cursor = new Position(after);
        for (boolean more = true; more;) {
            Log.Page page = node.log.read(person, cursor, acknowledgedToo, limit);
            entries.addAll(page.entries());
            more = page.more();
            if (more) {
                assertThat(page.through()).as("a page goes forward").isGreaterThan(cursor);
            }
            cursor = page.through();
        }
        return entries;
    }
}
