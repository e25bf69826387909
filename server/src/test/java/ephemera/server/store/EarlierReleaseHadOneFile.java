package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.OrganizationId;
import ephemera.core.talk.Attachment;
import ephemera.core.talk.Content;
import ephemera.core.talk.MessageId;
import ephemera.core.vault.BlobKey;
import ephemera.core.vault.KeyRing;
import ephemera.core.vault.Seal;
import ephemera.core.vault.Slice;
import ephemera.core.vault.Term;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What was stored when a message had one file at most is still there, and still opens. */
class EarlierReleaseHadOneFile {

    private static final OrganizationId ORGANIZATION = new OrganizationId("0".repeat(24));
    private static final UUID BLOB = UUID.fromString("0e37df36-f698-11e6-8dd4-cb9ced3df976");
    private static final Slice SLICE = new Slice(Term.MONTH, 4_000_000_000L);

    /** Written byte by byte, as that release wrote it. */
    private static byte[] content(Optional<String> fileName) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(1);
            part(out, "grüße".getBytes(StandardCharsets.UTF_8));
            part(out, new byte[0]);
            part(out, new byte[0]);
            part(out, fileName.isPresent() ? file(fileName.get()) : new byte[0]);
        }
        return bytes.toByteArray();
    }

    private static byte[] file(String name) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeLong(BLOB.getMostSignificantBits());
            out.writeLong(BLOB.getLeastSignificantBits());
            out.write(key());
            out.writeLong(7_000_000_000L);
            part(out, name.getBytes(StandardCharsets.UTF_8));
            part(out, "image/png".getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static byte[] key() {
        byte[] key = new byte[BlobKey.BYTES];
        Arrays.fill(key, (byte) 0x5a);
        return key;
    }

    private static void part(DataOutputStream out, byte[] part) throws IOException {
        out.writeInt(part.length);
        out.write(part);
    }

    private static Content opened(byte[] plain) throws IOException {
        KeyRing keys = new KeyRing(KeysOfTests.open(), new SecureRandom(), KeyRing.DEFAULT_CACHE);
        MessageId message = new MessageId(UUID.fromString("019aa2e1-5c00-7000-8000-000000000000"));
        KeyRing.Issued issued = keys.issue(SLICE);
        ByteArrayOutputStream id = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(id)) {
            out.writeLong(message.value().getMostSignificantBits());
            out.writeLong(message.value().getLeastSignificantBits());
        }
        byte[] sealed = Seal.seal(
                issued.key(),
                plain,
                "message content".getBytes(StandardCharsets.US_ASCII),
                ORGANIZATION.token().getBytes(StandardCharsets.UTF_8),
                id.toByteArray());
        return new Sealing(keys, new Json()).open(issued.id(), sealed, ORGANIZATION, message).orElseThrow().content();
    }

    @Test
    void whichOpens() throws IOException {
        assertThat(opened(content(Optional.of("röntgen.png")))).isEqualTo(new Content(
                "grüße",
                List.of(),
                List.of(new Attachment(
                        BLOB, new BlobKey(key()), "röntgen.png", "image/png", 7_000_000_000L))));
        assertThat(opened(content(Optional.empty()))).isEqualTo(new Content("grüße", List.of(), List.of()));
    }

    @Test
    void whichTheMigrationKeeps() {
        try (OwnDatabase own = new OwnDatabase();
                Database database = own.open(2)) {
            database.change(handle -> handle.execute("DROP SCHEMA public CASCADE"));
            database.change(handle -> handle.execute("CREATE SCHEMA public"));
            database.migrateTo("005");
            UUID with = UUID.randomUUID();
            UUID without = UUID.randomUUID();
            database.change(handle -> {
                handle.execute("SELECT open_epoch(7, now() + interval '1 day')");
                for (UUID id : List.of(with, without)) {
                    UUID blob = id.equals(with) ? BLOB : null;
                    handle.execute(
                            """
                            INSERT INTO message (epoch, position, sent_at, expires_at, key_tree, message_id,
                                   conversation_id, sender_id, blob, key_leaf, lifespan, priority, delete_on_read,
                                   strict, recalled, organization_id, content)
                            VALUES (7, ?, now(), now() + interval '1 hour', 1, ?, ?, ?, CAST(? AS uuid), 0, 60, 0,
                                    false, false, false, ?, 'said')
                            """,
                            id.equals(with) ? 1 : 2, id, BLOB, BLOB, blob, ORGANIZATION.token());
                    handle.execute(
                            """
                            INSERT INTO doomed (message_id, epoch, organization_id, key_tree, key_leaf, blob, reason,
                                                decided_at, due_at)
                            VALUES (?, 7, ?, 1, 0, CAST(? AS uuid), 'READ', now(), now())
                            """,
                            id, ORGANIZATION.token(), blob);
                }
                return handle.execute(
                        """
                        INSERT INTO hold (hold_id, number, organization_id, conversation_id, placed_at)
                        VALUES (?, 1, ?, ?, now())
                        """,
                        BLOB, ORGANIZATION.token(), BLOB);
            });

            database.migrate();

            // The trigger that keeps what is held names the files too.
            database.change(handle -> handle.execute("UPDATE message SET content = NULL"));
            for (String table : List.of("message", "doomed", "held")) {
                assertThat(blobs(database, table, with)).as(table).containsExactly(BLOB);
                assertThat(blobs(database, table, without)).as(table).isEmpty();
            }
            database.change(handle -> handle.execute("SELECT open_epoch(8, now() + interval '1 day')"));
            assertThat(columns(database, "message_8")).isEqualTo(columns(database, "message"));
        }
    }

    private static List<UUID> blobs(Database database, String table, UUID message) {
        return database.read(handle -> handle.createQuery("SELECT blobs FROM <table> WHERE message_id = :id")
                .define("table", table)
                .bind("id", message)
                .map((row, _) -> MessageRow.blobs(row))
                .one());
    }

    /** With their numbers: a partition whose columns stand elsewhere makes each insertion dearer. */
    private static List<String> columns(Database database, String table) {
        return database.read(handle -> handle.createQuery(
                "SELECT attnum || ' ' || attname FROM pg_attribute WHERE attrelid = to_regclass(:table) AND attnum > 0")
                .bind("table", table)
                .mapTo(String.class)
                .list());
    }
}
