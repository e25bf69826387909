package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.Archive;
import ephemera.core.talk.Audience;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Outgoing;
import ephemera.core.talk.Receipt;
import ephemera.core.talk.ReceiptStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Receipts are stored as runs; whoever asks is told the same as if each were stored alone. */
@Timeout(120)
class ReceiptsOnlyMoveForward {

    private final OwnDatabase own = new OwnDatabase();
    private final Node node = new Node(own).start();
    private final List<PersonId> people = new ArrayList<>();
    private ConversationId group;

    /**
     * The plain truth: how far each message has come with each of its readers, and what the streams have to be told.
     */
    private final Map<MessageId, Message> messages = new LinkedHashMap<>();
    private final Map<MessageId, Map<PersonId, ReceiptStatus>> truth = new HashMap<>();
    private final Map<MessageId, Map<PersonId, Instant>> times = new HashMap<>();

    private record Tells(PersonId told, MessageId message, PersonId reader, ReceiptStatus status) {}

    @BeforeEach
    void begin() {
        for (int i = 0; i < 4; i++) {
            people.add(node.person());
        }
        group = node.group(people.subList(0, 3), false);
        for (PersonId person : people) {
            node.direct(people.getFirst(), person);
        }
        node.heard.take();
    }

    @AfterEach
    void end() {
        node.close();
        own.close();
    }

    @RepeatedTest(4)
    void whateverIsMarkedInWhateverOrder(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        for (int step = 0; step < 150; step++) {
            switch (random.nextInt(9)) {
                case 0, 1, 2 -> sendSome(random);
                case 3 -> {
                    if (random.nextInt(3) == 0) {
                        expireSome(random);
                    }
                }
                default -> markSome(random);
            }
            if (step % 10 == 9) {
                check();
            }
        }
        check();
    }

    private void sendSome(Random random) {
        for (int i = random.nextInt(6); i >= 0; i--) {
            boolean deleteOnRead = random.nextInt(4) == 0;
            PersonId sender = people.get(random.nextInt(3));
            PersonId first = people.getFirst();
            PersonId other = people.get(random.nextInt(people.size()));
            boolean back = random.nextBoolean();
            send(
                    switch (random.nextInt(2)) {
                        case 0 -> Node.outgoing(sender, group, Optional.empty(), deleteOnRead, "", "");
                        default -> Node.outgoing(
                                back ? other : first,
                                ConversationId.between(first, other),
                                Optional.of(back ? first : other),
                                deleteOnRead,
                                "",
                                "");
                    });
        }
        node.heard.take();
    }

    private Message send(Outgoing outgoing) {
        Message message = node.journal.send(outgoing).message();
        messages.put(message.id(), message);
        Map<PersonId, ReceiptStatus> readers = new HashMap<>();
        if (message.inGroup()) {
            people.subList(0, 3).stream()
                    .filter(person -> !person.equals(message.sender()))
                    .forEach(person -> readers.put(person, ReceiptStatus.NEW));
        } else {
            readers.put(message.recipient().orElseThrow(), ReceiptStatus.NEW);
        }
        truth.put(message.id(), readers);
        times.put(message.id(), new HashMap<>());
        return message;
    }

    private void expireSome(Random random) {
        List<MessageId> all = List.copyOf(messages.keySet());
        for (int i = random.nextInt(10); i > 0 && !all.isEmpty(); i--) {
            expire(all.get(random.nextInt(all.size())));
        }
        removeExpired();
    }

    /** As a restore does with what has ended since the backup. */
    private void removeExpired() {
        node.execute("DELETE FROM message WHERE expires_at <= now()");
    }

    private void expire(MessageId id) {
        node.execute("UPDATE message SET expires_at = now() WHERE message_id = ?", id.value());
        messages.remove(id);
    }

    private void markSome(Random random) {
        PersonId reader = people.get(random.nextInt(people.size()));
        List<MessageId> all = List.copyOf(messages.keySet());
        Map<MessageId, ReceiptStatus> wanted = new LinkedHashMap<>();
        int from = all.isEmpty() ? 0 : random.nextInt(all.size());
        // Mostly what came last, as clients do, sometimes here and there; some ids mean nothing.
        for (int i = from; i < all.size() && wanted.size() < 12; i++) {
            if (random.nextInt(4) > 0) {
                wanted.put(all.get(i), random.nextBoolean() ? ReceiptStatus.DELIVERED : ReceiptStatus.READ);
            }
        }
        wanted.put(new MessageId(UUID.randomUUID()), ReceiptStatus.READ);
        mark(reader, wanted);
    }

    /** Marks, and compares what the streams are told with what they have to be. */
    private void mark(PersonId reader, Map<MessageId, ReceiptStatus> wanted) {
        Set<Tells> expected = new HashSet<>();
        wanted.forEach((id, status) -> {
            ReceiptStatus before = truth.getOrDefault(id, Map.of()).get(reader);
            if (messages.containsKey(id) && before != null && status.compareTo(before) > 0) {
                Objects.requireNonNull(truth.get(id)).put(reader, status);
                Objects.requireNonNull(times.get(id)).remove(reader);
                Message message = messages.get(id);
                expected.add(new Tells(message.sender(), id, reader, status));
                expected.add(new Tells(reader, id, reader, status));
            }
        });
        node.journal.mark(reader, wanted);
        Set<Tells> told = new HashSet<>();
        for (Entry entry : node.heard.take()) {
            Notice.Marked marked = (Notice.Marked) entry.notice();
            PersonId person = ((Audience.Only) entry.audience()).people().getFirst();
            assertThat(told.add(new Tells(person, marked.message(), marked.reader(), marked.status())))
                    .as("told once: %s", marked)
                    .isTrue();
        }
        assertThat(told).isEqualTo(expected);
    }

    private void check() {
        for (PersonId viewer : people) {
            Map<MessageId, Archive.Receipts> found =
                    node.archive.receipts(messages.keySet(), Node.ORGANIZATION, viewer);
            for (Message message : messages.values()) {
                boolean party = message.inGroup()
                        ? people.indexOf(viewer) < 3
                        : viewer.equals(message.sender()) || message.recipient().equals(Optional.of(viewer));
                assertThat(found.containsKey(message.id())).isEqualTo(party);
                if (party) {
                    check(message, Objects.requireNonNull(found.get(message.id())));
                }
            }
        }
    }

    private void check(Message message, Archive.Receipts receipts) {
        Map<PersonId, ReceiptStatus> statuses = new HashMap<>();
        for (Receipt receipt : receipts.receipts()) {
            statuses.put(receipt.reader(), receipt.status());
            if (receipt.status() == ReceiptStatus.NEW) {
                assertThat(receipt.at()).isEqualTo(message.sentAt());
            } else {
                // Once told, the time of a state stays what it is.
                Instant before = Objects.requireNonNull(times.get(message.id()))
                        .putIfAbsent(receipt.reader(), receipt.at());
                assertThat(receipt.at()).isEqualTo(before == null ? receipt.at() : before);
                assertThat(receipt.at()).isAfterOrEqualTo(message.sentAt());
            }
        }
        assertThat(statuses).as("of %s", message.position()).isEqualTo(truth.get(message.id()));
        assertThat(receipts.sender()).isEqualTo(message.sender());
        assertThat(receipts.recalled()).isFalse();
    }

    /** What was read one by one and is gone must not hide what was read around it in one call. */
    @Test
    void alsoAroundMessagesThatAreGone() {
        PersonId alice = people.get(0);
        PersonId bob = people.get(1);
        List<Message> sent = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            sent.add(send(Node.toPerson(alice, bob, "")));
        }
        node.heard.take();
        mark(bob, Map.of(sent.get(2).id(), ReceiptStatus.READ));
        // Deleted a minute after it was read, while its receipt would have lived as long as the message was granted.
        expire(sent.get(2).id());
        removeExpired();
        mark(bob, Map.of(sent.get(1).id(), ReceiptStatus.READ, sent.get(3).id(), ReceiptStatus.READ));
        check();
        mark(bob, Map.of(sent.get(0).id(), ReceiptStatus.READ, sent.get(4).id(), ReceiptStatus.READ));
        check();
    }

    @Test
    void aLongListMarkedAtOnceIsOneRun() {
        PersonId alice = people.get(0);
        PersonId bob = people.get(1);
        Map<MessageId, ReceiptStatus> all = new HashMap<>();
        for (int i = 0; i < 500; i++) {
            all.put(send(Node.toPerson(alice, bob, "")).id(), ReceiptStatus.READ);
            if (i % 7 == 0) {
                send(Node.toPerson(bob, alice, ""));
            }
        }
        node.heard.take();
        mark(bob, all);
        assertThat(node.number("SELECT count(*) FROM receipt WHERE person_id = ?", bob.value()))
                .as("one run of delivered and one of read messages")
                .isEqualTo(2);
        assertThat(node.number("SELECT count(*) FROM notice WHERE kind = 'MARKED'"))
                .as("one row for the sender and one for the reader")
                .isEqualTo(2);
        check();
    }
}
