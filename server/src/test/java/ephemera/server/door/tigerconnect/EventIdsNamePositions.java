package ephemera.server.door.tigerconnect;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.talk.Position;
import java.util.HashSet;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventIdsNamePositions {

    private static final EventIds IDS = new EventIds(1);

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 255, 1L << 31, 1L << 32, (1L << 62) - 1})
    void andTheyAreReadBack(long position) {
        String id = IDS.of(new Position(position));
        assertThat(UUID.fromString(id).version()).isEqualTo(8);
        assertThat(UUID.fromString(id).variant()).isEqualTo(2);
        assertThat(IDS.position(id)).contains(new Position(position));
        assertThat(IDS.position(id.toUpperCase(Locale.ROOT))).contains(new Position(position));
    }

    @Test
    void eachAnotherOne() {
        Set<String> ids = new HashSet<>();
        Random random = new Random(2);
        for (int i = 0; i < 10_000; i++) {
            ids.add(IDS.of(new Position(i)));
            long position = random.nextLong() >>> 2;
            assertThat(IDS.position(IDS.of(new Position(position)))).contains(new Position(position));
        }
        assertThat(ids).hasSize(10_000);
    }

    /** A restored journal begins a new generation, in which the positions of the old one mean something else. */
    @ParameterizedTest
    @ValueSource(ints = {0, 2, -1, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void butNotThoseOfAnotherGeneration(int generation) {
        EventIds others = new EventIds(generation);
        assertThat(others.position(others.of(new Position(7)))).contains(new Position(7));
        assertThat(IDS.position(others.of(new Position(7)))).isEmpty();
        assertThat(others.position(IDS.of(new Position(7)))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                EventIds.CONTROL,
                "",
                "7",
                "00000001-0000-8000-0000-000000000007",
                "00000001-0000-8000-4000-000000000007",
                "00000001-0000-8000-c000-000000000007",
                "00000001-0000-4000-8000-000000000007",
                "00000001-0001-8000-8000-000000000007",
                "0b53ffcd-9acb-4e9c-b4b9-d1e8a8fd9d6f",
                "00000001-0000-8000-8000-00000000000g",
                "00000001-0000-8000-8000-00000000007",
            })
    void andOtherTextsNameNone(String text) {
        assertThat(IDS.position(text)).isEmpty();
    }
}
