package ephemera.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdsAreWellFormed {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
    private final Ids ids = new Ids(() -> NOW, new Random(1));

    @Test
    void randomOnesAreOfVersionFourAndDiffer() {
        Set<UUID> seen = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            UUID id = ids.random();
            assertThat(id.version()).isEqualTo(4);
            assertThat(id.variant()).isEqualTo(2);
            seen.add(id);
        }
        assertThat(seen).hasSize(10_000);
    }

    @Test
    void timeOrderedOnesAreOfVersionSevenAndBeginWithTheMillisecond() {
        Set<UUID> seen = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            UUID id = ids.timeOrdered();
            assertThat(id.version()).isEqualTo(7);
            assertThat(id.variant()).isEqualTo(2);
            assertThat(id.getMostSignificantBits() >>> 16).isEqualTo(NOW.toEpochMilli());
            seen.add(id);
        }
        assertThat(seen).hasSize(10_000);
    }

    @Test
    void alphanumericOnesUseEveryLetterAndDigitAlike() {
        String text = ids.alphanumeric(62_000);
        assertThat(text).hasSize(62_000).matches("[0-9A-Za-z]+");
        // Each of the 62 signs is expected 1,000 times; six standard deviations are 190.
        text.chars().distinct().forEach(sign -> assertThat(text.chars().filter(each -> each == sign).count())
                .as("how often %c occurs", sign)
                .isBetween(810L, 1_190L));
        assertThat(text.chars().distinct().count()).isEqualTo(62);
    }

    @Test
    void theirTextIsReadBackInAnyCase() {
        for (UUID id : List.of(ids.random(), ids.timeOrdered(), new UUID(0, 0), new UUID(-1, -1))) {
            assertThat(Ids.parse(id.toString())).contains(id);
            assertThat(Ids.parse(id.toString().toUpperCase(Locale.ROOT))).contains(id);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "1",
                "1-1-1-1-1",
                "0123456789abcdef0123456789abcdef",
                "{01234567-89ab-cdef-0123-456789abcdef}",
                "01234567-89ab-cdef-0123-456789abcde",
                "01234567-89ab-cdef-0123-456789abcdef0",
                "01234567-89ab-cdef-0123-456789abcdeg",
                "01234567-89ab-cdef-0123456-789abcdef",
                "+1234567-89ab-cdef-0123-456789abcdef",
                "01234567-+9ab-cdef-0123-456789abcdef",
                "01234567-89ab-cdef-0123-+56789abcdef",
                "01234567-89ab-cdef-0123-456789abcde ",
                "\u0660\u0661234567-89ab-cdef-0123-456789abcdef",
                "\uff10\uff11234567-89ab-cdef-0123-456789abcdef",
            })
    void anyOtherTextIsNone(String text) {
        assertThat(Ids.parse(text)).isEmpty();
    }
}
