package ephemera.server.store;

import ephemera.core.Failure;
import ephemera.core.directory.PersonId;
import ephemera.core.inbox.Bus;
import ephemera.core.talk.Archive;
import ephemera.core.talk.AuditTrail;
import ephemera.core.talk.Content;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Emoji;
import ephemera.core.talk.Journal;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Mute;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Outgoing;
import ephemera.core.talk.Position;
import ephemera.core.talk.Reaction;
import ephemera.core.talk.ReceiptStatus;
import ephemera.core.talk.Topic;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The journal in PostgreSQL: each change becomes rows and events in one transaction of the {@link JournalWriter}.
 * Thread-safe.
 */
public final class PostgresJournal implements Journal, AutoCloseable {

    private final Database database;
    private final PostgresRooms rooms;
    private final Sealing sealing;
    private final Epochs epochs;
    private final Ahead ahead;
    private final PostgresArchive archive;
    private final MarkChange marks;
    private final SendStatement sends;
    private final JournalWriter writer;
    private final GroupChanges groups;
    private final DirectChanges directs;

    /**
     * Makes the journal on that database; it writes once {@link #start} is called.
     *
     * @param outbox told of every message, in the transaction that stores it
     * @param meter told of every batch of messages
     */
    public PostgresJournal(
            Database database, PostgresRooms rooms, Json json, Sealing sealing, Epochs epochs, Ahead ahead,
            PostgresOutbox outbox, Meter meter) {
        this.database = database;
        this.rooms = rooms;
        this.sealing = sealing;
        this.epochs = epochs;
        this.ahead = ahead;
        this.archive = new PostgresArchive(database, sealing, epochs);
        this.marks = new MarkChange(json, epochs);
        this.sends = new SendStatement(outbox);
        this.writer = new JournalWriter(database, sends, marks, json, outbox, meter);
        this.groups = new GroupChanges(rooms, json, epochs);
        this.directs = new DirectChanges(rooms, epochs);
    }

    /** What is measured of the journal. */
    public interface Meter {

        /** A batch of so many messages was committed in that time. */
        void committed(int messages, long nanoseconds);
    }

    /** Begins to write and to publish on that bus. */
    public void start(Bus bus) {
        writer.start(bus);
    }

    /** How many changes wait for the writer. */
    public int waiting() {
        return writer.waiting();
    }

    /** Whether changes are written; if they are not any more, only another process will. */
    public boolean isWriting() {
        return writer.isWriting();
    }

    @Override
    public Appended send(Outgoing outgoing) {
        SendStatement.Row row = row(outgoing);
        SendStatement.Result result =
                outgoing.contacts().isEmpty() ? writer.send(row) : writer.change(scribe -> sendOutside(scribe, row));
        return appended(row, result);
    }

    @Override
    public List<Appended> send(List<Outgoing> outgoing) {
        List<SendStatement.Row> rows = outgoing.stream().map(this::row).toList();
        List<SendStatement.Result> results = writer.send(rows);
        List<Appended> appended = new ArrayList<>(rows.size());
        for (int i = 0; i < rows.size(); i++) {
            appended.add(appended(rows.get(i), results.get(i)));
        }
        return appended;
    }

    /** A message with all that is done for it outside of the writer's thread. */
    private SendStatement.Row row(Outgoing outgoing) {
        ahead.used(outgoing.lifespan());
        return new SendStatement.Row(
                outgoing, epochs.require(outgoing.slice()), sealing.seal(outgoing), RequestKey.of(outgoing));
    }

    private Appended appended(SendStatement.Row row, SendStatement.Result result) {
        return switch (result) {
            case SendStatement.Result.Stored(Message message, _) -> new Appended(message, false);
            case SendStatement.Result.Repeated() -> new Appended(first(row), true);
        };
    }

    /** A message that also leaves through a channel: it and its deliveries stand or fall together. */
    private SendStatement.Result sendOutside(Scribe scribe, SendStatement.Row row) throws SQLException {
        Connection connection = scribe.handle().getConnection();
        SendStatement.Result result = sends.append(connection, List.of(row)).getFirst();
        scribe.afterwards(() -> sends.committed(List.of(row)));
        scribe.take(1);
        if (result instanceof SendStatement.Result.Stored(Message message, var entry)) {
            scribe.handle()
                    .createUpdate(
                            """
                            INSERT INTO delivery (epoch, message_id, person_id, channel, state, queued_at, expires_at)
                            SELECT :epoch, :message, person_id, CASE WHEN email IS NULL THEN 'SMS' ELSE 'EMAIL' END,
                                   'QUEUED', :now, :expiresAt
                              FROM person WHERE person_id = ANY (:people)
                            """)
                    .bind("epoch", row.epoch().code())
                    .bind("message", message.id().value())
                    .bind("now", Scribe.parameter(scribe.now()))
                    .bind("expiresAt", Scribe.parameter(message.expiresAt()))
                    .bindArray("people", UUID.class, values(row.outgoing().contacts()))
                    .execute();
            scribe.publish(entry);
        }
        return result;
    }

    /** The message that the sender's request id stands for; what it said is told as long as the sender may read it. */
    private Message first(SendStatement.Row repeated) {
        MessageId id = database.read(handle -> handle.createQuery(
                "SELECT message_id FROM request WHERE request = :request ORDER BY day DESC LIMIT 1")
                .bind("request", repeated.request().orElseThrow())
                .map((row, _) -> new MessageId(row.getObject("message_id", UUID.class)))
                .findOne()
                .orElseThrow(Failure.UNAVAILABLE::refused));
        Outgoing outgoing = repeated.outgoing();
        return switch (archive.message(id, outgoing.organization(), outgoing.sender())) {
            case Archive.Found.Visible(Message message) -> message;
            case Archive.Found.Hidden(), Archive.Found.Missing() -> envelope(id, outgoing);
        };
    }

    private Message envelope(MessageId id, Outgoing repeated) {
        return database.read(handle -> handle.createQuery(
                "SELECT " + MessageRow.COLUMNS + " FROM message WHERE epoch = :epoch AND message_id = :id")
                .bind("epoch", epochs.of(id))
                .bind("id", id.value())
                .map((row, _) -> MessageRow.envelope(row))
                .findOne()
                .orElseGet(() -> gone(id, repeated)));
    }

    /** A message of which nothing is left but its token, as its sender is told of it who repeats the request. */
    private static Message gone(MessageId id, Outgoing repeated) {
        Outgoing first = new Outgoing(
                id,
                repeated.organization(),
                repeated.conversation(),
                repeated.sender(),
                repeated.recipient(),
                repeated.lifespan(),
                repeated.traits(),
                Content.NONE,
                Optional.empty(),
                List.of(),
                repeated.inTopic());
        Instant sentAt = id.sentAbout();
        return SendStatement.message(first, Position.START.value(), sentAt, sentAt);
    }

    @Override
    public void mark(PersonId reader, Map<MessageId, ReceiptStatus> statuses) {
        writer.mark(new MarkChange.Request(reader, statuses));
    }

    @Override
    public boolean claim(PersonId reader, Message message) {
        MarkChange.Request request = new MarkChange.Request(reader, Map.of(message.id(), ReceiptStatus.READ));
        // A change of its own: which of two callers is the first must not get lost in a batch.
        return writer.change(scribe -> marks.mark(scribe, List.of(request)));
    }

    @Override
    public boolean recall(Message message) {
        return writer.change(scribe -> {
            if (!Doom.recall(scribe, message.id(), epochs.of(message.id()))) {
                return false;
            }
            Notice notice =
                    new Notice.Recalled(
                            message.id(),
                            message.traits().requestId(),
                            message.inGroup(),
                            message.sender(),
                            scribe.now());
            message.recipient().ifPresentOrElse(
                    recipient -> scribe.tell(
                            List.copyOf(new LinkedHashSet<>(List.of(message.sender(), recipient))),
                            notice,
                            Fade.with(message, epochs)),
                    () -> scribe.tell(message.conversation(), notice, Fade.with(message, epochs)));
            scribe.audit(
                    AuditTrail.Change.recalled(AuditTrail.Editor.of(message.sender()), message),
                    epochs.audited(message.id(), scribe.now()));
            return true;
        });
    }

    @Override
    public Optional<Reaction> react(AuditTrail.Editor by, Message message, Emoji emoji) {
        return writer.change(scribe -> ReactionChange.add(scribe, by, message, emoji, epochs));
    }

    @Override
    public boolean unreact(AuditTrail.Editor by, Message message, Emoji emoji) {
        return writer.change(scribe -> ReactionChange.remove(scribe, by, message, emoji, epochs));
    }

    @Override
    public Conversation.Direct list(Conversation.Direct conversation) {
        return writer.change(scribe -> directs.list(scribe, conversation));
    }

    @Override
    public void clear(ConversationId conversation, PersonId person, PersonId other) {
        writer.change(scribe -> directs.clear(scribe, conversation, person, other));
    }

    @Override
    public Conversation.Group create(Conversation.Group group, String requestId) {
        ConversationId id = writer.change(scribe -> groups.create(scribe, group, requestId));
        return rooms.group(id).orElse(group);
    }

    @Override
    public void update(ConversationId group, Conversation.Looks looks, PersonId by) {
        writer.change(scribe -> groups.update(scribe, group, looks, by));
    }

    @Override
    public void change(Membership change) {
        writer.change(scribe -> groups.change(scribe, change));
    }

    @Override
    public ConversationId open(
            AuditTrail.Editor by, Conversation.Group group, Topic.About about, String requestId) {
        return writer.change(scribe -> {
            ConversationId id = groups.create(scribe, group, requestId);
            if (id.equals(group.id())) {
                TopicChanges.open(scribe, group, about);
                scribe.audit(
                        AuditTrail.Change.of(by, group.organization(), id, AuditTrail.Action.CREATED, List.of()),
                        epochs.audited(scribe.now()));
            }
            return id;
        });
    }

    @Override
    public void change(AuditTrail.Editor by, Topic topic, Topic.Change change, Optional<String> name) {
        writer.change(scribe -> {
            if (TopicChanges.change(scribe, topic.id(), change)) {
                name.ifPresent(each -> groups.rename(scribe, topic.id(), each));
                scribe.audit(
                        AuditTrail.Change.of(
                                by,
                                topic.organization(),
                                topic.id(),
                                AuditTrail.Action.UPDATED,
                                TopicChanges.revisions(topic, change)),
                        epochs.audited(scribe.now()));
                scribe.tell(topic.id(), new Notice.GroupChanged(topic.id()), epochs.fades(scribe.now()));
            }
            return true;
        });
    }

    @Override
    public void read(ConversationId topic, PersonId reader, Position position) {
        writer.change(scribe -> {
            TopicChanges.read(scribe.handle(), List.of(new TopicChanges.Reading(topic, reader, position.value())));
            return true;
        });
    }

    @Override
    public void unread(ConversationId topic, PersonId reader) {
        writer.change(scribe -> {
            TopicChanges.unread(scribe, topic, reader);
            return true;
        });
    }

    @Override
    public void delete(ConversationId group, PersonId by) {
        writer.change(scribe -> groups.delete(scribe, group, by));
    }

    /**
     * Ends the messages of groups that are over, topics among them, and of conversations that both have cleared, piece
     * by piece; called again and again.
     */
    public void endDeleted() {
        for (ConversationId group : GroupEnd.awaited(database)) {
            endAll(group, Long.MAX_VALUE);
            GroupEnd.ended(database, group);
        }
        for (DirectChanges.Cleared cleared : DirectChanges.cleared(database)) {
            endAll(cleared.conversation(), cleared.through());
            DirectChanges.ended(database, cleared);
        }
    }

    /** Ends all messages of a conversation up to a position, so many at a time that others can write in between. */
    private void endAll(ConversationId conversation, long through) {
        long after = Position.START.value();
        while (true) {
            long begin = after;
            List<Doom.Target> some =
                    database.read(handle -> Doom.alive(handle, conversation, begin, through));
            if (some.isEmpty()) {
                return;
            }
            after = writer.change(scribe -> {
                Doom.end(scribe, some);
                return some.getLast().position();
            });
        }
    }

    @Override
    public void personChanged(PersonId person, Collection<PersonId> told) {
        writer.change(scribe -> {
            scribe.tell(List.copyOf(told), new Notice.PersonChanged(person), epochs.fades(scribe.now()));
            return true;
        });
    }

    @Override
    public void mute(Mute mute) {
        writer.change(scribe -> {
            Mute begun = new Mute(mute.person(), mute.kind(), mute.target(), scribe.now(), mute.minutes());
            scribe.handle()
                    .createUpdate(
                            """
                            INSERT INTO mute (person_id, kind, target, since, minutes)
                            VALUES (:person, :kind, :target, :since, :minutes)
                                ON CONFLICT (person_id, kind, target) DO UPDATE
                               SET since = excluded.since, minutes = excluded.minutes
                            """)
                    .bind("person", begun.person().value())
                    .bind("kind", begun.kind().name())
                    .bind("target", begun.target())
                    .bind("since", Scribe.parameter(begun.since()))
                    .bind("minutes", begun.minutes())
                    .execute();
            scribe.tell(List.of(begun.person()), new Notice.MuteChanged(begun, false), epochs.fades(scribe.now()));
            return begun;
        });
    }

    @Override
    public void unmute(PersonId person, Optional<Mute> mute) {
        writer.change(scribe -> {
            List<Mute> lifted = new ArrayList<>(scribe.handle()
                    .createQuery(
                            """
                            DELETE FROM mute
                             WHERE person_id = :person
                               AND (:all OR (kind = :kind AND target = :target))
                            RETURNING kind, target, since, minutes
                            """)
                    .bind("person", person.value())
                    .bind("all", mute.isEmpty())
                    .bind("kind", mute.map(each -> each.kind().name()).orElse(""))
                    .bind("target", mute.map(Mute::target).orElse(""))
                    .map((row, _) -> new Mute(
                            person,
                            Mute.Kind.valueOf(row.getString("kind")),
                            row.getString("target"),
                            MessageRow.instant(row, "since"),
                            row.getInt("minutes")))
                    .list());
            lifted.forEach(each -> scribe.tell(
                    List.of(person), new Notice.MuteChanged(each, true), epochs.fades(scribe.now())));
            return lifted;
        });
    }

    /** The UUIDs of people, as an array parameter. */
    static Object[] values(Collection<PersonId> people) {
        return people.stream().map(PersonId::value).toArray();
    }

    @Override
    public void close() {
        writer.close();
    }
}
