package ephemera.server.store;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.Audience;
import ephemera.core.talk.AuditTrail;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Position;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * One transaction on the journal: holds its lock, numbers events, and keeps what is to be written last and published
 * after the commit.
 *
 * <p>Used by the writer's thread alone, for one transaction.
 */
final class Scribe {

    private final Handle handle;
    private final Json json;
    private final Instant now;
    private final long began;
    private long head;
    private final List<Notes> notes = new ArrayList<>();
    private final List<AuditStatement.Row> audited = new ArrayList<>();
    private final List<Entry> entries = new ArrayList<>();
    private final Set<PersonId> readers = new HashSet<>();
    private final List<Runnable> afterwards = new ArrayList<>();

    /** A notice row that waits to be written with all others of the transaction. */
    private record Notes(
            long position, NoticeRow row, Optional<UUID> person, Optional<UUID> conversation, Fade until) {}

    private record Head(long position, Instant now) {}

    /** Takes the journal's lock in the open transaction of that handle. */
    Scribe(Handle handle, Json json) {
        this.handle = handle;
        this.json = json;
        Head locked = handle.createQuery("SELECT head, clock_timestamp() AS now FROM journal FOR UPDATE")
                .map((row, _) -> new Head(row.getLong("head"), MessageRow.instant(row, "now")))
                .one();
        this.began = locked.position();
        this.head = began;
        this.now = locked.now().truncatedTo(ChronoUnit.MILLIS);
    }

    /** For statements of this transaction. */
    Handle handle() {
        return handle;
    }

    /** The time of the change, by the database's clock, in whole milliseconds. */
    Instant now() {
        return now;
    }

    /** The last position before this transaction. */
    long began() {
        return began;
    }

    /** The last position given so far. */
    long head() {
        return head;
    }

    /** Gives so many positions and returns the last of them. */
    long take(int positions) {
        head += positions;
        return head;
    }

    /** Has an entry published after the commit. */
    void publish(Entry entry) {
        entries.add(entry);
    }

    /** Has something done after the commit and before the entries are published, such as dropping a snapshot. */
    void afterwards(Runnable action) {
        afterwards.add(action);
    }

    /** Tells people something, each in a row of their own. */
    void tell(List<PersonId> people, Notice notice, Fade until) {
        NoticeRow row = NoticeRow.of(notice, json);
        for (PersonId person : people) {
            tell(person, row, List.of(notice), until);
        }
    }

    /** Tells everybody in a conversation something, in one row for all. */
    void tell(ConversationId conversation, Notice notice, Fade until) {
        long position = take(1);
        NoticeRow row = NoticeRow.of(notice, json);
        notes.add(new Notes(position, row, Optional.empty(), Optional.of(conversation.value()), until));
        publish(new Entry(new Position(position), new Audience.Members(conversation), notice, until.at()));
    }

    /** Tells a person several things in one row, which has a position for each. */
    void tell(PersonId person, NoticeRow row, List<? extends Notice> notices, Fade until) {
        long position = note(person, row, until);
        for (Notice notice : notices) {
            position++;
            publish(new Entry(new Position(position), Audience.Only.person(person), notice, until.at()));
        }
    }

    /** Tells a person, in one row, more than can be handed over: their streams read it in the log. */
    void tellByLog(PersonId person, NoticeRow row, Fade until) {
        note(person, row, until);
        readers.add(person);
    }

    /** Writes a row, which has a position for each of its events, and returns the position before the first one. */
    private long note(PersonId person, NoticeRow row, Fade until) {
        long last = take(row.width());
        notes.add(new Notes(last, row, Optional.of(person.value()), Optional.empty(), until));
        return last - row.width();
    }

    /**
     * Has a change entered into the audit trail, and webhooks told of it.
     *
     * @param epoch the number of the epoch with which the entry goes: {@link Epochs#audited}
     */
    void audit(AuditTrail.Change change, long epoch) {
        audited.add(new AuditStatement.Row(change, epoch));
    }

    /** What is entered into the audit trail. */
    List<AuditStatement.Row> audited() {
        return audited;
    }

    /** The instant as a parameter of a statement. */
    static OffsetDateTime parameter(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    /** Writes notices, and in the rows of topics up to where and until when these have any. */
    private static final String NOTE =
            """
            WITH noted AS (
                 INSERT INTO notice (epoch, position, width, person_id, conversation_id, kind, detail, at, expires_at)
                 SELECT epoch, position, width, person_id, conversation_id, kind, detail::jsonb, :now, expires_at
                   FROM unnest(:epochs, :positions, :widths, :people, :conversations, :kinds, :details, :expiries)
                            AS row (epoch, position, width, person_id, conversation_id, kind, detail, expires_at)
                 RETURNING conversation_id, position, expires_at),
            newest AS (
                 SELECT conversation_id, max(position) AS position, max(expires_at) AS until FROM noted
                  WHERE conversation_id IS NOT NULL GROUP BY conversation_id)
            UPDATE topic SET noticed_position = newest.position, noticed_until = greatest(noticed_until, newest.until)
              FROM newest WHERE topic.conversation_id = newest.conversation_id
            """;

    /** Writes the audit trail, the notices and the new head of the journal: the last statements of the transaction. */
    void finish() throws SQLException {
        AuditStatement.append(handle, json, now, audited);
        if (!notes.isEmpty()) {
            handle.createUpdate(
                    NOTE)
                    .bind("now", parameter(now))
                    .bindArray("epochs", Long.class, notes.stream().map(note -> note.until().epoch()).toList())
                    .bindArray("positions", Long.class, notes.stream().map(Notes::position).toList())
                    .bindArray("widths", Integer.class, notes.stream().map(note -> note.row().width()).toList())
                    .bindArray("people", UUID.class, notes.stream().map(note -> note.person().orElse(null)).toList())
                    .bindArray(
                            "conversations",
                            UUID.class,
                            notes.stream().map(note -> note.conversation().orElse(null)).toList())
                    .bindArray("kinds", String.class, notes.stream().map(note -> note.row().kind().name()).toList())
                    .bindArray("details", String.class, notes.stream().map(note -> note.row().detail()).toList())
                    .bindArray(
                            "expiries",
                            OffsetDateTime.class,
                            notes.stream().map(note -> parameter(note.until().at())).toList())
                    .execute();
        }
        if (head != began) {
            handle.createUpdate("UPDATE journal SET head = :head").bind("head", head).execute();
        }
    }

    /** Does what was to be done after the commit. */
    void committed() {
        afterwards.forEach(Runnable::run);
    }

    /** What is to be published. */
    List<Entry> entries() {
        return entries;
    }

    /** Those whose streams are to read the log, before anything is published. */
    Set<PersonId> readers() {
        return readers;
    }
}
