package ephemera.server.store;

import ephemera.core.vault.DayRoot;
import ephemera.core.vault.Deletion;
import ephemera.core.vault.Deletion.Draft;
import ephemera.core.vault.DeletionProof;
import ephemera.core.vault.Digest;
import ephemera.core.vault.MerkleTree;
import ephemera.core.vault.SignatureKey;
import ephemera.core.vault.SignatureText;
import ephemera.core.vault.SigningKey;
import ephemera.core.vault.Slice;
import ephemera.server.store.DeletionRow.StoredDay;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.ResultIterator;

/**
 * The deletion record in PostgreSQL: a chain of entries, signed at the end of every transaction, with a signed root for
 * each day.
 *
 * <p>The lock of the head's row is held from numbering to commit, so that the chain never forks, whoever appends.
 * Entries are dated by the database's clock, and never earlier than those before them. Thread-safe.
 */
public final class DeletionRecord {

    /** How many rows are in memory at once when many are walked. */
    static final int AT_ONCE = 5_000;

    private final Database database;
    private final SigningKey key;

    /**
     * Makes the record on that database.
     *
     * @param key signs; the same for all processes and at all times
     */
    public DeletionRecord(Database database, SigningKey key) {
        this.database = database;
        this.key = key;
    }

    /**
     * Records that something was destroyed, in the caller's transaction; what is recorded already is passed over.
     *
     * <p>All others who append wait until that transaction ends, so this is the last thing to do in it.
     *
     * @return how many entries were made
     */
    public int append(Handle handle, List<Draft> drafts) {
        if (drafts.isEmpty()) {
            return 0;
        }
        Head head = lock(handle);
        List<Deletion> entries = new ArrayList<>(drafts.size());
        List<Digest> hashes = new ArrayList<>(drafts.size());
        Digest previous = head.hash();
        for (Draft draft : fresh(handle, drafts)) {
            Deletion entry = new Deletion(head.sequence() + entries.size() + 1, draft, head.recordedAt(), previous);
            entries.add(entry);
            previous = entry.hash();
            hashes.add(previous);
        }
        if (!entries.isEmpty()) {
            insert(handle, entries, hashes, key.sign(entries.getLast().chainStatement()));
            move(handle, entries.getLast(), previous);
        }
        return entries.size();
    }

    /**
     * The end of the chain.
     *
     * @param recordedAt when the next entry is made
     */
    private record Head(long sequence, Digest hash, Instant recordedAt) {}

    private static Head lock(Handle handle) {
        // The lock first, the time after: who waited for it must not be dated before the one who was waited for.
        handle.execute("SELECT FROM deletion_head FOR UPDATE");
        return handle.createQuery(
                """
                SELECT sequence, hash,
                       greatest(recorded_at, date_trunc('milliseconds', clock_timestamp())) AS recorded_at
                  FROM deletion_head
                """)
                .map((row, _) -> new Head(
                        row.getLong("sequence"),
                        Digest.of(row.getBytes("hash")),
                        MessageRow.instant(row, "recorded_at")))
                .one();
    }

    /** By what an entry is known: somebody who died between destroying and noting that it is done comes again. */
    private record Identity(String kind, String subject, String reason, String key) {

        private static Identity of(Draft draft) {
            return new Identity(draft.kind().name(), draft.subject(), draft.reason().name(), draft.key());
        }
    }

    private static List<Draft> fresh(Handle handle, List<Draft> drafts) {
        Set<Identity> known = new HashSet<>(handle.createQuery(
                "SELECT kind, subject, reason, key FROM deletion WHERE subject = ANY (:subjects)")
                .bindArray("subjects", String.class, texts(drafts, Draft::subject))
                .map((row, _) -> new Identity(
                        row.getString("kind"),
                        row.getString("subject"),
                        row.getString("reason"),
                        row.getString("key")))
                .list());
        return drafts.stream().filter(draft -> known.add(Identity.of(draft))).toList();
    }

    private static void insert(
            Handle handle, List<Deletion> entries, List<Digest> hashes, SignatureText signature) {
        List<Draft> drafts = entries.stream().map(Deletion::draft).toList();
        Deletion last = entries.getLast();
        handle.createUpdate(
                """
                INSERT INTO deletion (sequence, kind, organization, subject, reason, key, decided_at, destroyed_at,
                                      recorded_at, previous, hash, signature)
                SELECT :first + place - 1, kind, organization, subject, reason, key, decided_at, destroyed_at,
                       :recorded, decode(previous, 'hex'), decode(hash, 'hex'),
                       CASE WHEN place = :size THEN decode(:signature, 'hex') END
                  FROM unnest(:kinds, :organizations, :subjects, :reasons, :keys, :decided, :destroyed, :previous,
                              :hashes)
                       WITH ORDINALITY
                       AS new (kind, organization, subject, reason, key, decided_at, destroyed_at, previous, hash,
                               place)
                """)
                .bind("first", entries.getFirst().sequence())
                .bind("size", entries.size())
                .bind("recorded", time(last.recordedAt()))
                .bind("signature", signature.hex())
                .bindArray("kinds", String.class, texts(drafts, draft -> draft.kind().name()))
                .bindArray("organizations", String.class, texts(drafts, Draft::organization))
                .bindArray("subjects", String.class, texts(drafts, Draft::subject))
                .bindArray("reasons", String.class, texts(drafts, draft -> draft.reason().name()))
                .bindArray("keys", String.class, texts(drafts, Draft::key))
                .bindArray("decided", OffsetDateTime.class, times(drafts, Draft::decidedAt))
                .bindArray("destroyed", OffsetDateTime.class, times(drafts, Draft::destroyedAt))
                .bindArray("previous", String.class, texts(entries, entry -> entry.previous().hex()))
                .bindArray("hashes", String.class, texts(hashes, Digest::hex))
                .execute();
    }

    private static void move(Handle handle, Deletion last, Digest hash) {
        handle.createUpdate("UPDATE deletion_head SET sequence = :sequence, hash = :hash, recorded_at = :recorded")
                .bind("sequence", last.sequence())
                .bind("hash", hash.bytes())
                .bind("recorded", time(last.recordedAt()))
                .execute();
    }

    private static <T> Object[] texts(List<T> all, Function<T, String> text) {
        return all.stream().map(text).toArray();
    }

    private static Object[] times(List<Draft> all, Function<Draft, Instant> instant) {
        return all.stream().map(instant).map(DeletionRecord::time).toArray();
    }

    private static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    /** The entry from which it is known that a message is destroyed; empty if there is none, or while it is held. */
    public Optional<Deletion> find(UUID message) {
        return database.read(handle -> find(handle, message));
    }

    private static Optional<Deletion> find(Handle handle, UUID message) {
        if (!Rescue.held(handle, List.of(message)).isEmpty()) {
            // The keys of its slice may be destroyed, but what it said is sealed anew for whoever holds it.
            return Optional.empty();
        }
        return find(handle, Deletion.Kind.MESSAGE, message.toString())
                .or(() -> DeletionProof.slice(message)
                        .map(Slice::toString)
                        .flatMap(slice -> find(handle, Deletion.Kind.SLICE, slice)));
    }

    private static Optional<Deletion> find(Handle handle, Deletion.Kind kind, String subject) {
        return handle.createQuery(
                "SELECT " + DeletionRow.COLUMNS
                        + " FROM deletion WHERE subject = :subject AND kind = :kind ORDER BY sequence LIMIT 1")
                .bind("subject", subject)
                .bind("kind", kind.name())
                .map((row, _) -> DeletionRow.read(row).entry())
                .findOne();
    }

    /**
     * The proof that the key of a message is destroyed; empty if the record does not know of it, or while it is held.
     *
     * <p>If the day of the entry is over and signed, the proof rests on its root; otherwise on an interim one. It reads
     * all hashes of that day.
     *
     * @throws IllegalStateException if what is stored contradicts itself: {@link RecordCheck} tells where
     */
    public Optional<DeletionProof> prove(UUID message) {
        return database.change(handle -> find(handle, message).map(entry -> prove(handle, message, entry)));
    }

    private DeletionProof prove(Handle handle, UUID message, Deletion entry) {
        Optional<StoredDay> signed = handle.createQuery(
                "SELECT " + DeletionRow.DAY_COLUMNS
                        + " FROM deletion_day WHERE first <= :sequence AND last >= :sequence")
                .bind("sequence", entry.sequence())
                .map((row, _) -> DeletionRow.readDay(row))
                .findOne();
        long first = signed.map(day -> day.root().first()).orElseGet(() -> first(handle, entry.day()));
        long last = signed.map(day -> day.root().last()).orElseGet(() -> last(handle, entry.day()));
        MerkleTree.Inclusion inclusion = overHashes(
                handle, first, last, hashes -> MerkleTree.prove(hashes, last - first + 1, entry.sequence() - first));
        DayRoot day = new DayRoot(entry.day(), first, last, inclusion.root(), signed.isPresent());
        SignatureText signature = signed.map(StoredDay::signature).orElseGet(() -> key.sign(day.statement()));
        DeletionProof proof = DeletionProof.sign(message, entry, inclusion.path(), day, signature, key);
        proof.flaw().ifPresent(flaw -> {
            throw new IllegalStateException(flaw);
        });
        return proof;
    }

    private static long first(Handle handle, LocalDate day) {
        return handle.createQuery(
                "SELECT min(sequence) FROM deletion WHERE recorded_at >= :start AND recorded_at < :end")
                .bind("start", start(day))
                .bind("end", start(day.plusDays(1)))
                .mapTo(Long.class)
                .one();
    }

    private static long last(Handle handle, LocalDate day) {
        return handle.createQuery(
                "SELECT max(sequence) FROM deletion WHERE recorded_at >= :start AND recorded_at < :end")
                .bind("start", start(day))
                .bind("end", start(day.plusDays(1)))
                .mapTo(Long.class)
                .one();
    }

    private static OffsetDateTime start(LocalDate day) {
        return day.atStartOfDay().atOffset(ZoneOffset.UTC);
    }

    /** Hands out the stored hashes from one entry to another, in a transaction, some at a time. */
    static <T> T overHashes(Handle handle, long first, long last, Function<ResultIterator<byte[]>, T> work) {
        try (ResultIterator<byte[]> hashes = handle.createQuery(
                "SELECT hash FROM deletion WHERE sequence BETWEEN :first AND :last ORDER BY sequence")
                .bind("first", first)
                .bind("last", last)
                .setFetchSize(AT_ONCE)
                .map((row, _) -> row.getBytes("hash"))
                .iterator()) {
            return work.apply(hashes);
        }
    }

    /**
     * Signs the root of every day that is over and has none yet, and returns how many were signed.
     *
     * <p>Nobody can append to such a day any more, even if the clock goes back. Appending waits for an instant only.
     */
    public int signDays() {
        LocalDate today = database.change(DeletionRecord::endDays);
        int signed = 0;
        while (database.change(handle -> signNext(handle, today))) {
            signed++;
        }
        return signed;
    }

    /** Sees to it that nothing is dated before today any more; tells which day that is. */
    private static LocalDate endDays(Handle handle) {
        handle.execute("SELECT FROM deletion_head FOR UPDATE");
        handle.execute(
                """
                UPDATE deletion_head SET recorded_at = date_trunc('day', clock_timestamp(), 'UTC')
                 WHERE recorded_at < date_trunc('day', clock_timestamp(), 'UTC')
                """);
        return handle.createQuery("SELECT recorded_at FROM deletion_head")
                .map((row, _) -> LocalDate.ofInstant(MessageRow.instant(row, "recorded_at"), ZoneOffset.UTC))
                .one();
    }

    private boolean signNext(Handle handle, LocalDate today) {
        Optional<Deletion> next = handle.createQuery(
                "SELECT " + DeletionRow.COLUMNS
                        + """
                                  FROM deletion
                                 WHERE sequence > coalesce((SELECT max(last) FROM deletion_day), 0)
                                 ORDER BY sequence LIMIT 1
                                """)
                .map((row, _) -> DeletionRow.read(row).entry())
                .findOne()
                .filter(entry -> entry.day().isBefore(today));
        next.ifPresent(entry -> {
            long first = entry.sequence();
            long last = last(handle, entry.day());
            Digest root = overHashes(handle, first, last, hashes -> MerkleTree.root(hashes, last - first + 1));
            insert(handle, new DayRoot(entry.day(), first, last, root, true));
        });
        return next.isPresent();
    }

    private void insert(Handle handle, DayRoot day) {
        // Another process may do the same at the same time, and comes to the same root.
        handle.createUpdate(
                """
                INSERT INTO deletion_day (day, first, last, root, signature)
                VALUES (:day, :first, :last, :root, :signature)
                ON CONFLICT (day) DO NOTHING
                """)
                .bind("day", day.day())
                .bind("first", day.first())
                .bind("last", day.last())
                .bind("root", day.root().bytes())
                .bind("signature", key.sign(day.statement()).bytes())
                .execute();
    }

    /** Walks the whole record: see {@link RecordCheck}. */
    public RecordCheck.Finding check() {
        return new RecordCheck(database, key.publicKey()).run();
    }

    /** With which the signatures of this record are verified. */
    public SignatureKey publicKey() {
        return key.publicKey();
    }
}
