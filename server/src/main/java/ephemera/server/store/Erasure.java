package ephemera.server.store;

import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.AuditTrail;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Notice;
import ephemera.core.vault.Deletion;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * How a person goes: first nobody can sign in as them any more, then what they wrote ends, for everybody.
 *
 * <p>What others wrote to them is the others' and stays. Applications are told that what the person wrote in topics is
 * deleted; in the audit trail it is the person, by then nameless, who did that, for the operator is none of the
 * members. Each step may be repeated, so that an erasure that was interrupted is finished by another one. Thread-safe.
 */
public final class Erasure {

    private static final int AT_ONCE = 500;
    private static final String NOBODY = "Erased";

    private final Database database;
    private final Json json;
    private final Epochs epochs;
    private final PostgresOutbox outbox;

    /**
     * Makes the use case on that database.
     *
     * @param outbox told of what ended in topics
     */
    public Erasure(Database database, Json json, Epochs epochs, PostgresOutbox outbox) {
        this.database = database;
        this.json = json;
        this.epochs = epochs;
        this.outbox = outbox;
    }

    private interface Step<T> {

        T in(Scribe scribe) throws SQLException;
    }

    /** Does a step in a transaction on the journal; a running server finds what it tells by itself. */
    private <T> T step(Step<T> step) {
        return database.change(handle -> {
            try {
                Scribe scribe = new Scribe(handle, json);
                T result = step.in(scribe);
                scribe.finish();
                outbox.note(scribe);
                return result;
            } catch (SQLException e) {
                throw Database.refusal(e, new IllegalStateException("a person cannot be erased: " + e.getSQLState()));
            }
        });
    }

    /**
     * Erases a person.
     *
     * @return how many of their messages ended
     */
    public int erase(PersonId person) {
        step(scribe -> {
            signOut(scribe, person);
            leaveGroups(scribe, person);
            forget(scribe, person);
            return person;
        });
        int reactions;
        do {
            reactions = step(scribe -> ReactionChange.forget(scribe, person, AT_ONCE, epochs));
        } while (reactions == AT_ONCE);
        // After them: nobody reacts any more as this person.
        inPieces(ReactionChange.told(database, person), ReactionChange::untell);
        List<Written> all = written(person);
        inPieces(all, (scribe, some) -> end(scribe, person, some));
        return all.size();
    }

    private interface Piece<T> {

        int in(Scribe scribe, List<T> some);
    }

    private <T> void inPieces(List<T> all, Piece<T> piece) {
        for (int from = 0; from < all.size(); from += AT_ONCE) {
            List<T> some = all.subList(from, Math.min(all.size(), from + AT_ONCE));
            step(scribe -> piece.in(scribe, some));
        }
    }

    private static void signOut(Scribe scribe, PersonId person) {
        // Again, for a session that somebody was opening with a key that had to go first.
        for (List<String> gone = keysOf(scribe, person); !gone.isEmpty(); gone = keysOf(scribe, person)) {
            gone.forEach(
                    key -> Notifications.tell(scribe.handle(), Notifications.Topic.CREDENTIAL, key + " " + person));
        }
        TokenRows.forget(scribe.handle(), person);
    }

    private static List<String> keysOf(Scribe scribe, PersonId person) {
        return scribe.handle()
                .createQuery("DELETE FROM credential WHERE person_id = :person RETURNING key")
                .bind("person", person.value())
                .mapTo(String.class)
                .list();
    }

    private void leaveGroups(Scribe scribe, PersonId person) {
        List<UUID> groups = scribe.handle()
                .createQuery(
                        """
                        UPDATE membership SET left_at = :head, listed = false
                         WHERE person_id = :person AND left_at IS NULL
                           AND conversation_id IN (SELECT conversation_id FROM conversation WHERE is_group)
                        RETURNING conversation_id
                        """)
                .bind("head", scribe.head())
                .bind("person", person.value())
                .mapTo(UUID.class)
                .list();
        for (UUID group : groups) {
            Notifications.tell(scribe.handle(), Notifications.Topic.ROOM, group.toString());
            ConversationId id = new ConversationId(group);
            scribe.tell(id, new Notice.GroupChanged(id), epochs.fades(scribe.now()));
        }
        GroupEnd.beginWhereNobodyIsLeft(scribe, groups.stream().map(ConversationId::new).toList());
    }

    private static void forget(Scribe scribe, PersonId person) {
        scribe.handle()
                .createUpdate(
                        """
                        UPDATE person
                           SET standing = 'CONTACT', display_name = :nobody, first_name = '', last_name = '',
                               status = '', title = '', department = '', do_not_disturb = false,
                               do_not_disturb_text = '', avatar = NULL, email = NULL, phone = NULL, username = NULL,
                               password_hash = NULL, external_id = NULL, role = NULL
                         WHERE person_id = :person
                        """)
                .bind("nobody", NOBODY)
                .bind("person", person.value())
                .execute();
        scribe.handle().createUpdate("DELETE FROM metadata WHERE entity_id = :person")
                .bind("person", person.value()).execute();
        scribe.handle().createUpdate("DELETE FROM mute WHERE person_id = :person")
                .bind("person", person.value()).execute();
        scribe.handle().createUpdate("DELETE FROM acknowledged WHERE person_id = :person")
                .bind("person", person.value()).execute();
        // Their keys and files go with the next look at uploads.
        scribe.handle()
                .createUpdate(
                        """
                        UPDATE upload SET content = NULL
                         WHERE uploader_id = :person AND content IS NOT NULL AND claim IS NULL
                        """)
                .bind("person", person.value())
                .execute();
        Notifications.tell(scribe.handle(), Notifications.Topic.PERSON, person.toString());
    }

    /** A message of the person that is alive. */
    private record Written(
            long epoch,
            MessageId id,
            OrganizationId organization,
            ConversationId conversation,
            boolean inTopic,
            Optional<PersonId> recipient,
            String requestId,
            Instant expiresAt) {}

    private List<Written> written(PersonId person) {
        return database.read(handle -> handle.createQuery(
                """
                        SELECT epoch, message_id, organization_id, conversation_id, recipient_id, request_id,
                               expires_at,
                               EXISTS (SELECT FROM topic
                                        WHERE topic.conversation_id = message.conversation_id) AS in_topic
                          FROM message
                         WHERE sender_id = :person AND content IS NOT NULL
                        """)
                .bind("person", person.value())
                .map((row, _) -> written(row))
                .list());
    }

    private static Written written(ResultSet row) throws SQLException {
        String request = row.getString("request_id");
        return new Written(
                row.getLong("epoch"),
                new MessageId(row.getObject("message_id", UUID.class)),
                new OrganizationId(row.getString("organization_id")),
                new ConversationId(row.getObject("conversation_id", UUID.class)),
                row.getBoolean("in_topic"),
                Optional.ofNullable(row.getObject("recipient_id", UUID.class)).map(PersonId::new),
                request == null ? "" : request,
                MessageRow.instant(row, "expires_at"));
    }

    private int end(Scribe scribe, PersonId person, List<Written> some) {
        List<UUID> ids = some.stream().map(each -> each.id().value()).toList();
        List<Long> places = new ArrayList<>(some.stream().map(Written::epoch).toList());
        Doom.end(scribe, ids, places, Deletion.Reason.ERASED);
        for (Written each : some) {
            Notice gone = new Notice.Recalled(
                    each.id(), each.requestId(), each.recipient().isEmpty(), person, scribe.now());
            Fade until = new Fade(each.expiresAt(), each.epoch());
            each.recipient().ifPresentOrElse(
                    recipient -> scribe.tell(
                            List.copyOf(new LinkedHashSet<>(List.of(person, recipient))), gone, until),
                    () -> scribe.tell(each.conversation(), gone, until));
            if (each.inTopic()) {
                scribe.audit(
                        AuditTrail.Change.ended(
                                AuditTrail.Editor.of(person), each.organization(), each.conversation(), each.id()),
                        epochs.audited(each.id(), scribe.now()));
            }
        }
        return some.size();
    }
}
