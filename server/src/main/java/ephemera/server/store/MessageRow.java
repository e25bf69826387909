package ephemera.server.store;

import ephemera.core.Lifespan;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.Content;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Position;
import ephemera.core.talk.Priority;
import ephemera.core.vault.KeyId;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** How a message is read from a row; thread-safe. */
final class MessageRow {

    /** The columns that {@link #read} wants, of a table or alias named {@code message}. */
    static final String COLUMNS =
            """
            message.message_id, message.position, message.organization_id, message.conversation_id,
            message.sender_id, message.recipient_id, message.sent_at, message.expires_at, message.lifespan,
            message.delete_on_read, message.strict, message.priority, message.request_id, message.sub_type,
            message.key_tree, message.key_leaf, message.content
            """;

    private static final Sealing.Said NOTHING = new Sealing.Said(Content.NONE, Optional.empty());

    private final Sealing sealing;

    MessageRow(Sealing sealing) {
        this.sealing = sealing;
    }

    /** The message of the current row; empty if what it says is gone, or goes while it is read. */
    Optional<Message> read(ResultSet row) throws SQLException {
        MessageId id = new MessageId(row.getObject("message_id", UUID.class));
        OrganizationId organization = new OrganizationId(row.getString("organization_id"));
        byte[] content = row.getBytes("content");
        if (content == null) {
            return Optional.empty();
        }
        KeyId key = new KeyId(id.slice().orElseThrow(), row.getLong("key_tree"), row.getInt("key_leaf"));
        Optional<Sealing.Said> said = sealing.open(key, content, organization, id);
        return said.isEmpty() ? Optional.empty() : Optional.of(message(row, id, organization, said.get()));
    }

    /** The message of the current row without what it says. */
    static Message envelope(ResultSet row) throws SQLException {
        return message(
                row,
                new MessageId(row.getObject("message_id", UUID.class)),
                new OrganizationId(row.getString("organization_id")),
                NOTHING);
    }

    private static Message message(ResultSet row, MessageId id, OrganizationId organization, Sealing.Said said)
            throws SQLException {
        return new Message(
                id,
                organization,
                new ConversationId(row.getObject("conversation_id", UUID.class)),
                new Position(row.getLong("position")),
                new PersonId(row.getObject("sender_id", UUID.class)),
                Optional.ofNullable(row.getObject("recipient_id", UUID.class)).map(PersonId::new),
                instant(row, "sent_at"),
                instant(row, "expires_at"),
                new Lifespan(row.getInt("lifespan")),
                new Message.Traits(
                        burning(row),
                        Priority.of(row.getInt("priority")),
                        text(row, "request_id"),
                        text(row, "sub_type")),
                said.content(),
                said.origin());
    }

    private static Message.Burning burning(ResultSet row) throws SQLException {
        if (row.getBoolean("strict")) {
            return Message.Burning.AT_ONCE;
        }
        return row.getBoolean("delete_on_read") ? Message.Burning.LATER : Message.Burning.NEVER;
    }

    /** The instant in a column. */
    static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    /** The files of the current row of any table that names a message's files; none if it has none. */
    static List<UUID> blobs(ResultSet row) throws SQLException {
        Array blobs = row.getArray("blobs");
        return blobs == null ? List.of() : List.of((UUID[]) blobs.getArray());
    }

    private static String text(ResultSet row, String column) throws SQLException {
        String text = row.getString(column);
        return text == null ? "" : text;
    }
}
