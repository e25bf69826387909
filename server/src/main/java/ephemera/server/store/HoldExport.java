package ephemera.server.store;

import ephemera.core.directory.OrganizationId;
import ephemera.core.talk.Attachment;
import ephemera.core.talk.MessageId;
import ephemera.core.vault.Blobs;
import ephemera.core.vault.KeyId;
import ephemera.core.vault.Slice;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.ResultIterator;
import org.jdbi.v3.core.statement.Query;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Everything that a hold reaches, as a file for those who asked for the hold: what is held, and what still lives.
 *
 * <p>It is a ZIP file with {@code messages.jsonl}, one JSON object on a line for each message, and the attachments,
 * byte for byte, under the names that the lines tell. Messages are in memory some at a time, attachments never whole.
 * Thread-safe.
 */
public final class HoldExport {

    private static final int AT_ONCE = 500;

    private final Database database;
    private final Sealing sealing;
    private final Blobs blobs;
    private final Json json;

    /** Makes exports from that database and those files. */
    public HoldExport(Database database, Sealing sealing, Blobs blobs, Json json) {
        this.database = database;
        this.sealing = sealing;
        this.blobs = blobs;
        this.json = json;
    }

    /**
     * What was written.
     *
     * @param messages how many
     * @param attachments how many
     * @param missing how many messages or attachments are held and cannot be read any more
     */
    public record Written(long messages, long attachments, long missing) {}

    /** A message that the hold reaches. */
    private record Row(
            MessageId message,
            OrganizationId organization,
            UUID conversation,
            UUID sender,
            Optional<UUID> recipient,
            Instant sentAt,
            Instant expiresAt,
            String state,
            KeyId key,
            boolean secured,
            Optional<byte[]> content) {}

    /** A file to write after all messages. */
    private record File(String name, Attachment attachment, Slice slice) {}

    /** One export under way. */
    private final class Writing {

        private final Hold hold;
        private final ZipOutputStream zip;
        private final Set<UUID> written = new HashSet<>();
        private final List<File> files = new ArrayList<>();
        private long missing;

        Writing(Hold hold, ZipOutputStream zip) {
            this.hold = hold;
            this.zip = zip;
        }

        /** What ends after it was looked for where it lived is held by then, and found in the second round. */
        Written write(Handle handle) throws IOException {
            zip.putNextEntry(new ZipEntry("messages.jsonl"));
            writeAll(unscrubbed(handle));
            missing = 0;
            writeAll(held(handle));
            zip.closeEntry();
            long attachments = 0;
            for (File file : files) {
                attachments += write(file) ? 1 : 0;
            }
            return new Written(written.size(), attachments, missing);
        }

        private Query unscrubbed(Handle handle) {
            return handle.createQuery(
                    """
                            SELECT DISTINCT ON (message.position) message.position, message.message_id,
                                   message.organization_id, message.conversation_id, message.sender_id,
                                   message.recipient_id, message.sent_at, message.expires_at,
                                   CASE WHEN message.expires_at > now() THEN 'ALIVE'
                                        ELSE coalesce((SELECT reason FROM doomed
                                                        WHERE doomed.message_id = message.message_id),
                                                      'EXPIRED') END AS state,
                                   slice_of(message.message_id) AS slice, message.key_tree AS own_tree,
                                   message.key_leaf AS own_leaf, NULL::bigint AS key_tree, NULL::integer AS key_leaf,
                                   false AS secured, message.content
                            """ + Rescue.REACHED + """
                               AND reach.hold_id = :hold
                             ORDER BY message.position
                            """);
        }

        private Query held(Handle handle) {
            return handle.createQuery(
                    "SELECT held.*, ended AS state FROM held WHERE hold_id = :hold ORDER BY position");
        }

        private void writeAll(Query query) throws IOException {
            try (ResultIterator<Row> rows = query.bind("hold", hold.id())
                    .setFetchSize(AT_ONCE)
                    .map((row, _) -> row(row))
                    .iterator()) {
                while (rows.hasNext()) {
                    write(rows.next());
                }
            }
        }

        private Row row(ResultSet row) throws SQLException {
            boolean secured = row.getBoolean("secured");
            Slice own = Slice.ofCode(row.getLong("slice")).orElseThrow();
            return new Row(
                    new MessageId(row.getObject("message_id", UUID.class)),
                    new OrganizationId(row.getString("organization_id")),
                    row.getObject("conversation_id", UUID.class),
                    row.getObject("sender_id", UUID.class),
                    Optional.ofNullable(row.getObject("recipient_id", UUID.class)),
                    MessageRow.instant(row, "sent_at"),
                    MessageRow.instant(row, "expires_at"),
                    row.getString("state"),
                    secured
                            ? new KeyId(hold.slice(), row.getLong("key_tree"), row.getInt("key_leaf"))
                            : new KeyId(own, row.getLong("own_tree"), row.getInt("own_leaf")),
                    secured,
                    Optional.ofNullable(row.getBytes("content")));
        }

        private void write(Row row) throws IOException {
            if (written.contains(row.message().value())) {
                return;
            }
            Optional<Sealing.Said> said = row.content().flatMap(content -> row.secured()
                    ? sealing.openHeld(row.key(), content, row.organization(), row.message(), hold.custody())
                    : sealing.open(row.key(), content, row.organization(), row.message()));
            if (said.isEmpty()) {
                missing++;
                return;
            }
            written.add(row.message().value());
            zip.write((line(row, said.get()) + "\n").getBytes(StandardCharsets.UTF_8));
        }

        private ObjectNode line(Row row, Sealing.Said said) {
            ObjectNode line = json.object()
                    .put("message", row.message().toString())
                    .put("conversation", row.conversation().toString())
                    .put("sender", row.sender().toString());
            row.recipient().ifPresent(recipient -> line.put("recipient", recipient.toString()));
            line.put("sentAt", row.sentAt().toString())
                    .put("expiresAt", row.expiresAt().toString())
                    .put("state", row.state())
                    .put("body", said.content().body());
            line.set("data", json.data(said.content().data()));
            said.origin().ifPresent(origin -> line.set("origin", json.origin(origin)));
            if (!said.content().attachments().isEmpty()) {
                line.set("attachments", attachments(row.message(), said.content().attachments()));
            }
            return line;
        }

        private ArrayNode attachments(MessageId message, List<Attachment> attachments) {
            ArrayNode items = json.array();
            Set<String> taken = new HashSet<>();
            for (Attachment attachment : attachments) {
                String name = "attachments/" + message + "/" + free(attachment.name(), taken);
                files.add(new File(name, attachment, message.slice().orElseThrow()));
                items.addObject()
                        .put("file", name)
                        .put("name", attachment.name())
                        .put("type", attachment.type())
                        .put("size", attachment.size());
            }
            return items;
        }

        /** A name that no other file of the message has, whatever case means where the file is unpacked. */
        private static String free(String name, Set<String> taken) {
            String free = name;
            for (int number = 2; !taken.add(free.toLowerCase(Locale.ROOT)); number++) {
                free = number + "-" + name;
            }
            return free;
        }

        private boolean write(File file) throws IOException {
            Attachment attachment = file.attachment();
            // Where a living message has it first: if it dies meanwhile, the hold has it by then.
            Optional<InputStream> content = blobs.open(attachment.blob(), attachment.key(), file.slice());
            if (content.isEmpty()) {
                content = blobs.open(attachment.blob(), attachment.key(), hold.slice());
            }
            if (content.isEmpty()) {
                missing++;
                return false;
            }
            try (InputStream bytes = content.get()) {
                zip.putNextEntry(new ZipEntry(file.name()));
                bytes.transferTo(zip);
                zip.closeEntry();
            }
            return true;
        }
    }

    /**
     * Writes everything that a hold reaches; the caller closes the stream.
     *
     * @throws IOException if it cannot be written, or a file cannot be read
     */
    public Written write(Hold hold, OutputStream out) throws IOException {
        ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8);
        try {
            Written written = database.change(handle -> {
                try {
                    return new Writing(hold, zip).write(handle);
                } catch (IOException e) {
                    throw new Interrupted(e);
                }
            });
            zip.finish();
            return written;
        } catch (Interrupted e) {
            throw e.cause;
        }
    }

    /** Carries an {@link IOException} out of the transaction. */
    private static final class Interrupted extends RuntimeException {

        private final IOException cause;

        Interrupted(IOException cause) {
            super(cause);
            this.cause = cause;
        }
    }
}
