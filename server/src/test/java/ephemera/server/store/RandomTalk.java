package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.PersonId;
import ephemera.core.inbox.Ranges;
import ephemera.core.talk.AuditTrail;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Emoji;
import ephemera.core.talk.Journal;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Mute;
import ephemera.core.talk.Outgoing;
import ephemera.core.talk.ReceiptStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Four people who do at random whatever people do, and the plain log that is told of it as well. */
final class RandomTalk {

    private final Node node;
    private final LiveStreams streams;
    private final PlainLog plain;
    private final Random random;
    private final List<PersonId> people = new ArrayList<>();
    private final List<ConversationId> groups = new ArrayList<>();
    private final Set<ConversationId> topics = new HashSet<>();

    /** Makes the people, their conversations with the first of them, and mostly a group. */
    RandomTalk(Node node, LiveStreams streams, PlainLog plain, Random random) {
        this.node = node;
        this.streams = streams;
        this.plain = plain;
        this.random = random;
        for (int i = 0; i < 4; i++) {
            people.add(node.person());
        }
        for (PersonId person : people) {
            ConversationId id = node.direct(people.getFirst(), person);
            plain.begin(id, people.getFirst(), 0);
            plain.begin(id, person, 0);
        }
        addGroup();
    }

    List<PersonId> people() {
        return people;
    }

    /** One of them does something. */
    void act() {
        switch (random.nextInt(20)) {
            case 0 -> addGroup();
            case 1, 2, 3 -> changeMembers();
            case 4 -> markSome();
            case 5 -> recallOne();
            case 6 -> loseOne();
            case 7 -> burnOne();
            case 8 -> clearOne();
            case 9 -> acknowledgeSome();
            case 10 -> tellSomething();
            case 12, 13 -> reactToOne();
            case 11 -> {
                if (random.nextInt(4) == 0) {
                    deleteOne();
                }
            }
            default -> send();
        }
    }

    private <T> Optional<T> any(List<T> list) {
        return list.isEmpty() ? Optional.empty() : Optional.of(list.get(random.nextInt(list.size())));
    }

    private PersonId anybody() {
        return people.get(random.nextInt(people.size()));
    }

    private long head() {
        return node.log.head().value();
    }

    private void addGroup() {
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
        members.forEach(person -> plain.join(id, person, before));
    }

    private void changeMembers() {
        any(groups).ifPresent(group -> {
            List<PersonId> joining = people.stream().filter(_ -> random.nextInt(3) == 0).toList();
            List<PersonId> leaving = people.stream()
                    .filter(person -> !joining.contains(person) && random.nextInt(4) == 0)
                    .toList();
            int history = random.nextBoolean() ? 1 + random.nextInt(30) : 0;
            long before = head();
            node.journal.change(new Journal.Membership(
                    group, anybody(), joining, leaving, history, random.nextBoolean()));
            for (PersonId person : joining) {
                if (!plain.isIn(group, person)) {
                    assertThat(streams.history(person, before)).isEqualTo(plain.history(group, person, history));
                    if (history > 0) {
                        // Whoever gets the past as a history gets it once.
                        plain.forget(group, person);
                    }
                    plain.join(group, person, before);
                }
            }
            leaving.stream()
                    .filter(person -> plain.isIn(group, person))
                    .forEach(person -> plain.leave(group, person, before));
            // A group that nobody is left in is over.
            if (people.stream().noneMatch(person -> plain.isIn(group, person))) {
                end(group, before);
            }
        });
    }

    private void end(ConversationId group, long at) {
        plain.delete(group, people, at);
        groups.remove(group);
    }

    private void send() {
        boolean deleteOnRead = random.nextInt(3) == 0;
        Optional<ConversationId> group = any(groups);
        PersonId sender = anybody();
        PersonId first = people.getFirst();
        if (random.nextBoolean() && group.isPresent() && plain.isIn(group.get(), sender)) {
            Outgoing said = Node.outgoing(sender, group.get(), Optional.empty(), deleteOnRead, "", "");
            plain.add(node.journal
                    .send(topics.contains(group.get()) ? Node.inTopic(said) : said)
                    .message());
        } else {
            boolean back = random.nextBoolean();
            plain.add(node.journal
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
    private void markSome() {
        Map<MessageId, ReceiptStatus> statuses = new HashMap<>();
        for (int i = 0; i < 12; i++) {
            any(plain.sent())
                    .filter(message -> !message.traits().deleteOnRead())
                    .ifPresent(message -> statuses.put(
                            message.id(), random.nextBoolean() ? ReceiptStatus.READ : ReceiptStatus.DELIVERED));
        }
        node.journal.mark(anybody(), statuses);
    }

    private void recallOne() {
        any(plain.sent()).ifPresent(message -> {
            assertThat(node.journal.recall(message)).isEqualTo(!plain.isGone(message));
            plain.lose(message);
        });
    }

    private void reactToOne() {
        any(plain.sent()).ifPresent(message -> {
            PersonId person = anybody();
            AuditTrail.Editor editor = AuditTrail.Editor.of(person);
            boolean isGone = plain.isGoneFor(message, person);
            Emoji emoji = random.nextBoolean() ? Emoji.EYES : Emoji.RED_HEART;
            if (random.nextInt(3) == 0) {
                boolean removed = node.journal.unreact(editor, message, emoji);
                assertThat(removed && isGone).isFalse();
            } else {
                assertThat(node.journal.react(editor, message, emoji).isPresent()).isNotEqualTo(isGone);
            }
        });
    }

    private void loseOne() {
        any(plain.sent()).ifPresent(message -> {
            node.execute(
                    random.nextBoolean()
                            ? "UPDATE message SET expires_at = now() WHERE message_id = ?"
                            : "DELETE FROM message WHERE message_id = ?",
                    message.id().value());
            plain.lose(message);
        });
    }

    /** A delete-on-read message that somebody read more than a minute ago. */
    private void burnOne() {
        any(plain.sent()).filter(message -> message.traits().deleteOnRead()).ifPresent(message -> {
            PersonId reader = anybody();
            node.execute(
                    """
                    INSERT INTO burn (epoch, message_id, person_id, gone_at)
                    SELECT epoch, message_id, ?, now() FROM message WHERE message_id = ? ON CONFLICT DO NOTHING
                    """,
                    reader.value(),
                    message.id().value());
            plain.burn(message, reader);
        });
    }

    private void clearOne() {
        PersonId first = people.getFirst();
        PersonId second = anybody();
        PersonId who = random.nextBoolean() ? first : second;
        ConversationId conversation = ConversationId.between(first, second);
        long before = head();
        PersonId other = who.equals(first) ? second : first;
        node.journal.clear(conversation, who, other);
        plain.clear(conversation, who, other, before);
    }

    private void deleteOne() {
        any(groups).ifPresent(group -> {
            long before = head();
            node.journal.delete(group, anybody());
            end(group, before);
        });
    }

    private void tellSomething() {
        if (random.nextBoolean()) {
            node.journal.personChanged(anybody(), people);
        } else {
            PersonId person = anybody();
            node.journal.mute(new Mute(person, Mute.Kind.PERSON, anybody().toString(), Instant.EPOCH, 10));
            node.journal.unmute(person, Optional.empty());
        }
    }

    private void acknowledgeSome() {
        PersonId person = anybody();
        List<Ranges.Range> ranges = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            // From the beginning, as most clients do, or somewhere in between.
            long first = random.nextInt(3) == 0 ? 1 : random.nextLong(1, head() + 1);
            long last = Math.min(head(), first + random.nextInt(25));
            ranges.add(new Ranges.Range(first, last));
            for (long position = first; position <= last; position++) {
                plain.acknowledge(person, position);
            }
        }
        node.log.acknowledge(person, new Ranges(ranges));
    }
}
