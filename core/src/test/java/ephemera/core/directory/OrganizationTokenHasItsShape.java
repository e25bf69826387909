package ephemera.core.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrganizationTokenHasItsShape {

    @Test
    void ofLettersAndDigits() {
        for (int each = 0; each < 0x300; each++) {
            String token = "0123456789ABCabcXYZxyz" + (char) each + "9";
            boolean fits = each < 0x80 && Character.isLetterOrDigit(each);
            assertThat(OrganizationId.parse(token).map(OrganizationId::token).equals(Optional.of(token)))
                    .as("U+%04X", each).isEqualTo(fits);
        }
    }

    @Test
    void andOneLengthOnly() {
        assertThat(IntStream.range(0, 100).filter(length -> OrganizationId.parse("a".repeat(length)).isPresent()))
                .containsExactly(OrganizationId.LENGTH);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "short", "12345678901234567890123-", "１23456789012345678901234"})
    void orItIsNone(String text) {
        assertThat(OrganizationId.parse(text)).isEmpty();
        assertThatIllegalArgumentException().isThrownBy(() -> new OrganizationId(text));
    }
}
