package ephemera.core.vault;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * One entry of the deletion record: that something was destroyed, without anything of what it was.
 *
 * <p>Entries form a chain: the hash of each covers the hash of the one before, so that none can be changed, left out or
 * put in between without changing every later hash.
 *
 * @param sequence its number, from 1, without gaps
 * @param draft what was destroyed
 * @param recordedAt when the entry was made, by the database's clock; never before that of an earlier entry; whole
 *     milliseconds
 * @param previous the hash of the entry before; {@link Digest#ZERO} for the first
 */
public record Deletion(long sequence, Draft draft, Instant recordedAt, Digest previous) {

    private static final byte FORMAT = 1;

    /** What an entry is about. */
    public enum Kind {
        /** The key of one message. */
        MESSAGE,
        /** All keys of a slice. */
        SLICE,
        /** The rows and files of an epoch. */
        EPOCH,
        /** Nothing: a hold that was placed or released. */
        HOLD
    }

    /** Why it happened. */
    public enum Reason {
        /** Its time was over. */
        EXPIRED,
        /** Everybody who should read it had read it. */
        READ,
        /** Its sender took it back. */
        RECALLED,
        /** The conversation, or the reader's place in it, was deleted. */
        REMOVED,
        /** A person was erased, with all that was theirs. */
        ERASED,
        /** A hold was placed. */
        HELD,
        /** A hold was released. */
        RELEASED
    }

    /**
     * What is to be recorded.
     *
     * <p>Texts can only be identifiers: there is no room for content.
     *
     * @param kind what it is about
     * @param organization the token of the organization; empty for what belongs to all
     * @param subject the id of the message or the hold, or the name of the slice or epoch
     * @param reason why
     * @param key the name of the key that was destroyed; empty if there was not just one
     * @param decidedAt when it was decided; whole milliseconds
     * @param destroyedAt when it was done; whole milliseconds
     */
    public record Draft(
            Kind kind,
            String organization,
            String subject,
            Reason reason,
            String key,
            Instant decidedAt,
            Instant destroyedAt) {

        private static final Pattern IDENTIFIER = Pattern.compile("[0-9A-Za-z/._-]{0,100}");

        public Draft {
            if (subject.isEmpty() || !isIdentifier(subject) || !isIdentifier(organization) || !isIdentifier(key)) {
                throw new IllegalArgumentException("an entry of the deletion record holds identifiers only");
            }
            decidedAt = decidedAt.truncatedTo(ChronoUnit.MILLIS);
            destroyedAt = destroyedAt.truncatedTo(ChronoUnit.MILLIS);
        }

        private static boolean isIdentifier(String text) {
            return IDENTIFIER.matcher(text).matches();
        }

        /**
         * That the key of one message was destroyed.
         *
         * @param key empty if it had none of its own
         */
        public static Draft message(
                String organization,
                UUID message,
                Reason reason,
                Optional<KeyId> key,
                Instant decidedAt,
                Instant destroyedAt) {
            return new Draft(
                    Kind.MESSAGE,
                    organization,
                    message.toString(),
                    reason,
                    key.map(KeyId::toString).orElse(""),
                    decidedAt,
                    destroyedAt);
        }

        /** That all keys of a slice were destroyed, since its end had come. */
        public static Draft slice(Slice slice, Instant destroyedAt) {
            return ended(Kind.SLICE, slice.toString(), slice, destroyedAt);
        }

        /** That the rows and files of an epoch were removed, since its end had come. */
        public static Draft epoch(Epoch epoch, Instant destroyedAt) {
            return ended(Kind.EPOCH, epoch.toString(), new Slice(epoch.term(), epoch.endSecond()), destroyedAt);
        }

        /**
         * That a hold was placed or released, which destroyed nothing.
         *
         * @param reason {@code HELD} or {@code RELEASED}
         */
        public static Draft hold(String organization, UUID hold, Reason reason, Instant at) {
            return new Draft(Kind.HOLD, organization, hold.toString(), reason, "", at, at);
        }

        private static Draft ended(Kind kind, String subject, Slice last, Instant destroyedAt) {
            Instant decidedAt = last.term().ends() ? last.end() : destroyedAt;
            return new Draft(kind, "", subject, Reason.EXPIRED, "", decidedAt, destroyedAt);
        }
    }

    public Deletion {
        if (sequence < 1 || !recordedAt.equals(recordedAt.truncatedTo(ChronoUnit.MILLIS))) {
            throw new IllegalArgumentException("entries are numbered from 1 and dated in whole milliseconds");
        }
    }

    /** The day, in UTC, under whose root the entry stands. */
    public LocalDate day() {
        return LocalDate.ofInstant(recordedAt, ZoneOffset.UTC);
    }

    /**
     * The hash of this entry, computed from all of it.
     *
     * <p>It is SHA-256 over the previous hash (32 bytes), the format 1 (1 byte), the sequence, and the times decided,
     * destroyed and recorded in milliseconds since 1970 (8 bytes each, big-endian), and then kind, organization,
     * subject, reason and key: each as the number of its bytes (4 bytes, big-endian) and its UTF-8 form.
     */
    public Digest hash() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.write(previous.bytes());
            out.writeByte(FORMAT);
            out.writeLong(sequence);
            out.writeLong(draft.decidedAt().toEpochMilli());
            out.writeLong(draft.destroyedAt().toEpochMilli());
            out.writeLong(recordedAt.toEpochMilli());
            write(out, draft.kind().name());
            write(out, draft.organization());
            write(out, draft.subject());
            write(out, draft.reason().name());
            write(out, draft.key());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Digest.sha256(bytes.toByteArray());
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
    }

    /** What is signed when this entry is the newest of the chain: its hash, under a label of its own. */
    public byte[] chainStatement() {
        return ("ephemera deletion chain 1\n" + hash() + "\n").getBytes(StandardCharsets.US_ASCII);
    }
}
