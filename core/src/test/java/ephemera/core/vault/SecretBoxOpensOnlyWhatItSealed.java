package ephemera.core.vault;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class SecretBoxOpensOnlyWhatItSealed {

    private static final byte[] PLAIN = "a secret".getBytes(US_ASCII);
    private static final byte[] ONE = "one".getBytes(US_ASCII);
    private static final byte[] OTHER = "other".getBytes(US_ASCII);

    private final KeyStore keys = new KeysInMemory();
    private final SecureRandom random = new SecureRandom();
    private final SecretBox box = SecretBox.in(keys, "test", random);

    @Test
    void alsoWhenItIsMadeAgain() {
        byte[] sealed = box.seal(PLAIN, ONE);
        assertThat(SecretBox.in(keys, "test", random).open(sealed, ONE).orElseThrow()).isEqualTo(PLAIN);
    }

    @Test
    void forTheSamePlaceAndWithTheSameKey() {
        byte[] sealed = box.seal(PLAIN, ONE);
        assertThat(box.open(sealed, OTHER)).isEmpty();
        assertThat(SecretBox.in(keys, "another", random).open(sealed, ONE)).isEmpty();
        assertThat(box.open(new byte[0], ONE)).isEmpty();
        assertThat(box.open(new byte[40], ONE)).isEmpty();
        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 1;
            assertThat(box.open(changed, ONE)).isEmpty();
        }
    }

    @Test
    void andSealsTheSameDifferentlyEachTime() {
        assertThat(box.seal(PLAIN, ONE)).isNotEqualTo(box.seal(PLAIN, ONE));
    }
}
