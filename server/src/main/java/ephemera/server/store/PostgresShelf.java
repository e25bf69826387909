package ephemera.server.store;

import ephemera.core.Failure;
import ephemera.core.directory.Caller;
import ephemera.core.directory.Client;
import ephemera.core.directory.ClientId;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.AuditTrail;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Shelf;
import ephemera.core.talk.Upload;
import ephemera.core.vault.Blobs;
import ephemera.core.vault.Epoch;
import ephemera.core.vault.KeyId;
import ephemera.core.vault.Slice;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;

/**
 * The shelf in PostgreSQL: a row for each file, from its upload until a day after a message took it.
 *
 * <p>A claim is a row's lock and its mark. It is ended when the message is stored, or is known not to be; if a server
 * dies between the two, {@link UploadSweep} finds out. Thread-safe.
 */
public final class PostgresShelf implements Shelf {

    private static final int QUEUES = 64;

    /** What no claim is called. */
    private static final UUID NOBODYS = new UUID(0, 0);

    private final Database database;
    private final Sealing sealing;
    private final Epochs epochs;
    private final Blobs blobs;
    private final PostgresAuditTrail trail;
    /** Who enters a file holds one of these: a crowd of one application takes one connection. */
    private final Object[] queues = IntStream.range(0, QUEUES).mapToObj(_ -> new Object()).toArray();

    /**
     * Makes the shelf on that database.
     *
     * @param trail where it is entered who brought and deleted what
     */
    public PostgresShelf(
            Database database, Sealing sealing, Epochs epochs, Blobs blobs, PostgresAuditTrail trail) {
        this.database = database;
        this.sealing = sealing;
        this.epochs = epochs;
        this.blobs = blobs;
        this.trail = trail;
    }

    @Override
    public Weight weight(PersonId uploader, Optional<ClientId> client) {
        return database.read(handle -> WaitingBytes.of(handle, uploader, client));
    }

    @Override
    public void put(Upload upload, Caller by, Weight most) {
        Sealing.Sealed sealed = sealing.seal(upload);
        Optional<ClientId> client = by.client().map(Client::id);
        // Known before anybody waits for the lock with a connection, since opening an epoch takes another one.
        epochs.audited(upload.createdAt());
        synchronized (queue(client.<Object>map(each -> each).orElse(upload.uploader()))) {
            database.change(handle -> {
                WaitingBytes.lock(handle, upload.uploader(), client);
                insert(handle, upload, client, sealed);
                WaitingBytes.of(handle, upload.uploader(), client).requireWithin(most);
                trail.append(handle, List.of(AuditTrail.Change.uploaded(AuditTrail.Editor.of(by), upload)));
                return upload;
            });
        }
    }

    private Object queue(Object whose) {
        return queues[Math.floorMod(whose.hashCode(), QUEUES)];
    }

    private static void insert(Handle handle, Upload upload, Optional<ClientId> client, Sealing.Sealed sealed) {
        handle.createUpdate(
                """
                        INSERT INTO upload (upload_id, created_at, ends_at, slice, key_tree, key_leaf, size,
                                            uploader_id, client_id, organization_id, content)
                        VALUES (:id, :created, :ends, :slice, :tree, :leaf, :size, :uploader, CAST(:client AS uuid),
                                :organization, :content)
                        """)
                .bind("id", upload.attachment().blob())
                .bind("created", Scribe.parameter(upload.createdAt()))
                .bind("ends", Scribe.parameter(upload.slice().end()))
                .bind("slice", upload.slice().code())
                .bind("tree", sealed.key().tree())
                .bind("leaf", sealed.key().leaf())
                .bind("size", upload.attachment().size())
                .bind("uploader", upload.uploader().value())
                .bind("client", client.map(ClientId::value).orElse(null))
                .bind("organization", upload.organization().token())
                .bind("content", sealed.bytes())
                .execute();
    }

    @Override
    public Optional<Upload> find(UUID id, OrganizationId organization) {
        return database.read(handle -> handle.createQuery(
                """
                        SELECT * FROM upload
                         WHERE upload_id = :id AND organization_id = :organization AND content IS NOT NULL
                           AND claim IS NULL AND ends_at > now()
                        """)
                .bind("id", id)
                .bind("organization", organization.token())
                .map((row, _) -> upload(row))
                .findOne()
                .flatMap(Function.identity()));
    }

    /** The upload of the current row; empty if its key is destroyed. */
    private Optional<Upload> upload(ResultSet row) throws SQLException {
        UUID id = row.getObject("upload_id", UUID.class);
        OrganizationId organization = new OrganizationId(row.getString("organization_id"));
        Optional<Sealing.Waiting> waiting =
                sealing.openUpload(key(row), row.getBytes("content"), organization, id);
        if (waiting.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Upload(
                organization,
                new PersonId(row.getObject("uploader_id", UUID.class)),
                MessageRow.instant(row, "created_at"),
                slice(row),
                waiting.get().attachment(),
                waiting.get().details()));
    }

    private static Slice slice(ResultSet row) throws SQLException {
        return Slice.ofCode(row.getLong("slice")).orElseThrow();
    }

    /** The key of the current row. */
    static KeyId key(ResultSet row) throws SQLException {
        return new KeyId(slice(row), row.getLong("key_tree"), row.getInt("key_leaf"));
    }

    private static final String WAITING =
            """
                    SELECT * FROM upload
                     WHERE uploader_id = :uploader AND content IS NOT NULL AND claim IS NULL AND ends_at > now()
                       AND (:all OR upload_id = ANY (:among))
                    """;
    private static final String FORWARD =
            WAITING + "AND upload_id > :from ORDER BY upload_id LIMIT :limit";
    private static final String BACKWARD =
            WAITING + "AND upload_id < :from ORDER BY upload_id DESC LIMIT :limit";
    private static final UUID FIRST = new UUID(0, 0);
    private static final UUID LAST = new UUID(-1, -1);

    @Override
    public List<Upload> waiting(
            PersonId uploader, Optional<Set<UUID>> among, Optional<UUID> from, boolean backward, int limit) {
        // Ids grow with time.
        return database.read(handle -> handle.createQuery(backward ? BACKWARD : FORWARD)
                .bind("uploader", uploader.value())
                .bind("all", among.isEmpty())
                .bindArray("among", UUID.class, among.orElse(Set.of()).toArray())
                .bind("from", from.orElse(backward ? LAST : FIRST))
                .bind("limit", limit)
                .map((row, _) -> upload(row))
                .stream()
                .flatMap(Optional::stream)
                .toList());
    }

    @Override
    public Optional<Upload> describe(UUID id, PersonId uploader, UnaryOperator<String> change) {
        return database.change(handle -> handle.createQuery(
                """
                        SELECT * FROM upload
                         WHERE upload_id = :id AND uploader_id = :uploader AND content IS NOT NULL AND claim IS NULL
                           AND ends_at > now()
                           FOR UPDATE
                        """)
                .bind("id", id)
                .bind("uploader", uploader.value())
                .map((row, _) -> upload(row))
                .findOne()
                .flatMap(Function.identity())
                .map(before -> {
                    Upload after = before.saying(change.apply(before.details()));
                    rewrite(handle, after);
                    return after;
                }));
    }

    /** Seals an upload anew; the key of what it said ends like that of one which was deleted. */
    private void rewrite(Handle handle, Upload upload) {
        UUID id = upload.attachment().blob();
        handle.createUpdate(
                """
                        INSERT INTO upload (upload_id, created_at, ends_at, slice, key_tree, key_leaf, size,
                                            uploader_id, organization_id)
                        SELECT gen_random_uuid(), created_at, ends_at, slice, key_tree, key_leaf, 0,
                               uploader_id, organization_id
                          FROM upload WHERE upload_id = :id
                        """)
                .bind("id", id)
                .execute();
        Sealing.Sealed sealed = sealing.seal(upload);
        handle.createUpdate(
                "UPDATE upload SET content = :content, key_tree = :tree, key_leaf = :leaf WHERE upload_id = :id")
                .bind("content", sealed.bytes())
                .bind("tree", sealed.key().tree())
                .bind("leaf", sealed.key().leaf())
                .bind("id", id)
                .execute();
    }

    @Override
    public boolean remove(UUID id, AuditTrail.Editor by) {
        return database.change(handle -> {
            Optional<OrganizationId> organization = handle.createQuery(
                    """
                            UPDATE upload SET content = NULL
                             WHERE upload_id = :id AND uploader_id = :uploader AND content IS NOT NULL
                               AND claim IS NULL
                            RETURNING organization_id
                            """)
                    .bind("id", id)
                    .bind("uploader", by.person().value())
                    .mapTo(String.class)
                    .findOne()
                    .map(OrganizationId::new);
            organization.ifPresent(
                    each -> trail.append(handle, List.of(AuditTrail.Change.withdrawn(by, each, id))));
            return organization.isPresent();
        });
    }

    @Override
    public Optional<MessageId> holder(UUID id, OrganizationId organization) {
        return database.read(handle -> handle.createQuery(
                """
                        SELECT message_id FROM message
                         WHERE blobs @> ARRAY[CAST(:id AS uuid)] AND organization_id = :organization
                           AND content IS NOT NULL
                        """)
                .bind("id", id)
                .bind("organization", organization.token())
                .map((row, _) -> new MessageId(row.getObject("message_id", UUID.class)))
                .findFirst());
    }

    @Override
    public boolean canClaim(List<UUID> uploads, OrganizationId organization, Request by) {
        return database.read(handle -> handle.createQuery(
                """
                        SELECT count(*) FROM upload
                         WHERE upload_id = ANY (:ids) AND organization_id = :organization
                           AND (claim = :claim OR (claim IS NULL AND content IS NOT NULL AND ends_at > now()))
                        """)
                .bindArray("ids", UUID.class, uploads)
                .bind("organization", organization.token())
                .bind("claim", RequestKey.of(by.sender(), by.requestId()).orElse(NOBODYS))
                .mapTo(Long.class)
                .one())
                == uploads.size();
    }

    /** A row that a claim is to have. */
    private record Wanted(
            UUID id, Optional<UUID> claim, Optional<UUID> message, boolean scrubbed, Optional<Upload> upload) {}

    private Wanted wanted(ResultSet row) throws SQLException {
        boolean scrubbed = row.getBytes("content") == null;
        return new Wanted(
                row.getObject("upload_id", UUID.class),
                Optional.ofNullable(row.getObject("claim", UUID.class)),
                Optional.ofNullable(row.getObject("message_id", UUID.class)),
                scrubbed,
                scrubbed ? Optional.empty() : upload(row));
    }

    @Override
    public Claim claim(List<UUID> uploads, OrganizationId organization, Request by, MessageId message) {
        UUID claim = RequestKey.of(by.sender(), by.requestId()).orElse(message.value());
        return database.change(handle -> {
            Map<UUID, Wanted> rows = handle.createQuery(
                    """
                            SELECT * FROM upload
                             WHERE upload_id = ANY (:ids) AND organization_id = :organization
                               AND (ends_at > now() OR claim = :claim)
                             ORDER BY upload_id FOR UPDATE
                            """)
                    .bindArray("ids", UUID.class, uploads)
                    .bind("organization", organization.token())
                    .bind("claim", claim)
                    .map((row, _) -> wanted(row))
                    .stream()
                    .collect(Collectors.toMap(Wanted::id, Function.identity()));
            List<Upload> files = new ArrayList<>(uploads.size());
            Optional<MessageId> before = Optional.empty();
            boolean stored = false;
            for (UUID id : uploads) {
                Wanted row = Optional.ofNullable(rows.get(id)).orElseThrow(PostgresShelf::missing);
                if (row.claim().isPresent() && !row.claim().get().equals(claim)) {
                    throw Failure.ATTACHMENT_UNAVAILABLE.refused("Another message has this attachment.");
                }
                before = before.or(() -> row.message().map(MessageId::new));
                stored |= row.claim().isPresent() && row.scrubbed();
                if (!row.scrubbed() || row.claim().isEmpty()) {
                    files.add(row.upload().orElseThrow(PostgresShelf::missing));
                }
            }
            if (stored) {
                return new Claim(claim, before.orElseThrow(), true, List.of());
            }
            MessageId name = before.orElse(message);
            mark(handle, uploads, claim, name);
            return new Claim(claim, name, false, files);
        });
    }

    private static RuntimeException missing() {
        return Failure.ATTACHMENT_UNAVAILABLE.refused("There is no such attachment (any more).");
    }

    private static void mark(Handle handle, List<UUID> uploads, UUID claim, MessageId message) {
        handle.createUpdate(
                """
                        UPDATE upload SET claim = :claim, message_id = :message, claimed_at = clock_timestamp()
                         WHERE upload_id = ANY (:ids)
                        """)
                .bind("claim", claim)
                .bind("message", message.value())
                .bindArray("ids", UUID.class, uploads)
                .execute();
    }

    @Override
    public void settle(Claim claim, List<UUID> files) {
        database.change(handle -> handle.createUpdate(
                """
                        UPDATE upload SET content = NULL
                         WHERE claim = :claim AND content IS NOT NULL AND upload_id = ANY (:files)
                        """)
                .bind("claim", claim.id())
                .bindArray("files", UUID.class, files)
                .execute());
        if (!claim.uploads().stream().allMatch(each -> files.contains(each.attachment().blob()))) {
            release(claim);
        }
    }

    @Override
    public void release(Claim claim) {
        end(claim.id(), claim.message());
    }

    /**
     * A file of a claim.
     *
     * @param taken whether its message has it, or may have had it
     */
    private record Outcome(UUID upload, Slice slice, boolean taken) {}

    /** Whether files of two slices are in one place: a file that is shared by both is there once. */
    boolean isOnePlace(Slice one, Slice other) {
        Optional<Epoch> place = epochs.find(one);
        return place.isPresent() && place.equals(epochs.find(other));
    }

    /**
     * Ends a claim as it turned out: what the message has is scrubbed, the rest waits on. Where nobody can tell any
     * more, because the time of the message is over, it is scrubbed too.
     */
    void end(UUID claim, MessageId message) {
        Slice slice = message.slice().orElseThrow();
        database.change(handle -> {
            List<Outcome> files = handle.createQuery(
                    """
                            SELECT upload_id, upload.slice,
                                   EXISTS (SELECT FROM message
                                            WHERE message.epoch = :epoch AND message.message_id = :message
                                              AND upload_id = ANY (message.blobs))
                                   OR NOT EXISTS (SELECT FROM slice
                                                   WHERE slice.slice = :slice AND slice.ends_at > now()) AS taken
                              FROM upload
                             WHERE claim = :claim AND content IS NOT NULL
                             ORDER BY upload_id FOR UPDATE
                            """)
                    .bind("epoch", epochs.of(message))
                    .bind("message", message.value())
                    .bind("slice", slice.code())
                    .bind("claim", claim)
                    .map((row, _) -> new Outcome(
                            row.getObject("upload_id", UUID.class), slice(row), row.getBoolean("taken")))
                    .list();
            List<Outcome> untaken = files.stream().filter(each -> !each.taken()).toList();
            List<UUID> free = untaken.stream().map(Outcome::upload).toList();
            // While the rows are locked: whoever claims them next may put the same names there again.
            blobs.delete(
                    untaken.stream()
                            .filter(each -> !isOnePlace(each.slice(), slice))
                            .map(Outcome::upload)
                            .toList(),
                    slice);
            return handle.createUpdate(
                    """
                            UPDATE upload
                               SET content = CASE WHEN upload_id = ANY (:free) THEN content END,
                                   claim = CASE WHEN upload_id = ANY (:free) THEN NULL ELSE claim END,
                                   message_id = CASE WHEN upload_id = ANY (:free) THEN NULL ELSE message_id END,
                                   claimed_at = CASE WHEN upload_id = ANY (:free) THEN NULL ELSE claimed_at END
                             WHERE upload_id = ANY (:files)
                            """)
                    .bindArray("free", UUID.class, free)
                    .bindArray("files", UUID.class, files.stream().map(Outcome::upload).toList())
                    .execute();
        });
    }
}
