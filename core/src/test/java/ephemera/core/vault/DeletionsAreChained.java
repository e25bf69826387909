package ephemera.core.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.core.vault.Deletion.Draft;
import ephemera.core.vault.Deletion.Kind;
import ephemera.core.vault.Deletion.Reason;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DeletionsAreChained {

    private static final Instant AT = Instant.parse("2026-11-21T23:59:59.999Z");
    private static final Draft DRAFT = new Draft(Kind.MESSAGE, "org", "message", Reason.READ, "key", AT, AT);

    private static Deletion entry(Draft draft) {
        return new Deletion(1, draft, AT, Digest.ZERO);
    }

    @Test
    void byAHashOverTheDocumentedBytes() {
        Draft draft = new Draft(
                Kind.MESSAGE, "org", "message", Reason.READ, "key", Instant.ofEpochMilli(1), Instant.ofEpochMilli(2));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(new byte[32]);
        bytes.write(1);
        for (long number : List.of(7L, 1L, 2L, AT.toEpochMilli())) {
            bytes.writeBytes(ByteBuffer.allocate(8).putLong(number).array());
        }
        for (String text : List.of("MESSAGE", "org", "message", "READ", "key")) {
            bytes.writeBytes(ByteBuffer.allocate(4).putInt(text.length()).array());
            bytes.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        }
        assertThat(new Deletion(7, draft, AT, Digest.ZERO).hash()).isEqualTo(Digest.sha256(bytes.toByteArray()));
    }

    @Test
    void soThatEverythingInThemCounts() {
        Instant later = AT.plusMillis(1);
        Set<Digest> hashes = new HashSet<>(List.of(
                entry(DRAFT).hash(),
                new Deletion(2, DRAFT, AT, Digest.ZERO).hash(),
                new Deletion(1, DRAFT, later, Digest.ZERO).hash(),
                new Deletion(1, DRAFT, AT, entry(DRAFT).hash()).hash(),
                entry(new Draft(Kind.HOLD, "org", "message", Reason.READ, "key", AT, AT)).hash(),
                entry(new Draft(Kind.MESSAGE, "orgm", "essage", Reason.READ, "key", AT, AT)).hash(),
                entry(new Draft(Kind.MESSAGE, "org", "messagf", Reason.READ, "key", AT, AT)).hash(),
                entry(new Draft(Kind.MESSAGE, "org", "message", Reason.RECALLED, "key", AT, AT)).hash(),
                entry(new Draft(Kind.MESSAGE, "org", "message", Reason.READ, "", AT, AT)).hash(),
                entry(new Draft(Kind.MESSAGE, "org", "message", Reason.READ, "key", later, AT)).hash(),
                entry(new Draft(Kind.MESSAGE, "org", "message", Reason.READ, "key", AT, later)).hash()));
        assertThat(hashes).hasSize(11);
    }

    @Test
    void andHoldNoContent() {
        for (String content : List.of("", "see you at nine", "Zoë", "a\nb", "x".repeat(101), "a\"b")) {
            assertThatThrownBy(() -> new Draft(Kind.MESSAGE, "", content, Reason.READ, "", AT, AT))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new Draft(Kind.MESSAGE, "", "id", Reason.READ, "a key", AT, AT))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Draft(Kind.MESSAGE, "The clinic", "id", Reason.READ, "", AT, AT))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void andNameWhatWasDestroyed() {
        UUID message = UUID.randomUUID();
        Slice slice = new Slice(Term.HOUR, 1_800_000_000);
        KeyId key = new KeyId(slice, 77, 5);
        assertThat(Draft.message("org", message, Reason.RECALLED, Optional.of(key), AT, AT.plusNanos(1_500_000)))
                .isEqualTo(new Draft(
                        Kind.MESSAGE, "org", message.toString(), Reason.RECALLED, "hour-1800000000/25/5", AT,
                        AT.plusMillis(1)));
        assertThat(Draft.slice(slice, AT))
                .isEqualTo(new Draft(Kind.SLICE, "", "hour-1800000000", Reason.EXPIRED, "", slice.end(), AT));
        assertThat(Draft.slice(Slice.KEPT, AT).decidedAt()).isEqualTo(AT);
        assertThat(Draft.epoch(new Epoch(Term.DAY, 1_800_000_000), AT).subject()).isEqualTo("day-1800000000");
        assertThat(entry(DRAFT).day()).hasToString("2026-11-21");
    }
}
