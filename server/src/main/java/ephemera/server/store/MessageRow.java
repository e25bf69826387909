package ephemera.server.store;

import ephemera.core.Lifespan;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.Attachment;
import ephemera.core.talk.Content;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Position;
import ephemera.core.talk.Priority;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.UUID;

/** How a message is read from a row; thread-safe. */
final class MessageRow {

    /** The columns that {@link #read} wants, of a table or alias named {@code message}. */
    static final String COLUMNS =
            """
            message.message_id, message.position, message.organization_id, message.conversation_id,
            message.sender_id, message.recipient_id, message.sent_at, message.expires_at, message.lifespan,
            message.delete_on_read, message.priority, message.request_id, message.sub_type, message.body,
            message.data, message.blob, message.blob_name, message.blob_type, message.blob_size, message.origin,
            message.recalled
            """;

    private final Json json;

    MessageRow(Json json) {
        this.json = json;
    }

    /** The message of the current row; a recalled one has no content. */
    Message read(ResultSet row) throws SQLException {
        byte[] origin = row.getBytes("origin");
        return new Message(
                new MessageId(row.getObject("message_id", UUID.class)),
                new OrganizationId(row.getString("organization_id")),
                new ConversationId(row.getObject("conversation_id", UUID.class)),
                new Position(row.getLong("position")),
                new PersonId(row.getObject("sender_id", UUID.class)),
                Optional.ofNullable(row.getObject("recipient_id", UUID.class)).map(PersonId::new),
                instant(row, "sent_at"),
                instant(row, "expires_at"),
                new Lifespan(row.getInt("lifespan")),
                new Message.Traits(
                        row.getBoolean("delete_on_read"),
                        Priority.of(row.getInt("priority")),
                        text(row, "request_id"),
                        text(row, "sub_type")),
                row.getBoolean("recalled") ? Content.NONE : content(row),
                origin == null ? Optional.empty() : Optional.of(json.readOrigin(origin)));
    }

    private Content content(ResultSet row) throws SQLException {
        byte[] data = row.getBytes("data");
        UUID blob = row.getObject("blob", UUID.class);
        return new Content(
                new String(row.getBytes("body"), StandardCharsets.UTF_8),
                json.readData(data == null ? new byte[0] : data),
                blob == null
                        ? Optional.empty()
                        : Optional.of(new Attachment(
                                blob,
                                new String(row.getBytes("blob_name"), StandardCharsets.UTF_8),
                                row.getString("blob_type"),
                                row.getLong("blob_size"))));
    }

    /** The instant in a column. */
    static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static String text(ResultSet row, String column) throws SQLException {
        String text = row.getString(column);
        return text == null ? "" : text;
    }
}
