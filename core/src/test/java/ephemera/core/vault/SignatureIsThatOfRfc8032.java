package ephemera.core.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SignatureIsThatOfRfc8032 {

    private static final byte[] STATEMENT = "statement".getBytes(StandardCharsets.US_ASCII);

    @Test
    void withTheKnownSignature() {
        SigningKey key = new SigningKey(HexFormat.of().parseHex(
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
                        + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
        SignatureText signature = key.sign(new byte[0]);
        assertThat(signature.hex())
                .isEqualTo("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
                        + "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
        assertThat(key.publicKey().verifies(new byte[0], signature)).isTrue();
        assertThat(key.publicKey().base64())
                .isEqualTo("MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
    }

    @Test
    void whichHoldsForItsStatementAndKeyOnly() {
        SigningKey key = new SigningKey(SigningKey.random());
        SignatureText signature = key.sign(STATEMENT);
        assertThat(key.publicKey().verifies(STATEMENT, signature)).isTrue();
        assertThat(key.publicKey().verifies(new byte[0], signature)).isFalse();
        assertThat(new SigningKey(SigningKey.random()).publicKey().verifies(STATEMENT, signature)).isFalse();
        assertThat(key.publicKey().verifies(STATEMENT, new SignatureText("f".repeat(128)))).isFalse();
    }

    @Test
    void whoseKeyIsMadeOnceAndKept() {
        KeyStore keys = new KeysInMemory();
        SigningKey made = SigningKey.in(keys);
        SigningKey found = SigningKey.in(keys);
        assertThat(keys.secret(SigningKey.SECRET)).isPresent();
        assertThat(found.publicKey()).isEqualTo(made.publicKey());
        assertThat(found.publicKey().verifies(STATEMENT, found.sign(STATEMENT))).isTrue();
    }

    @Test
    void whoseKeyIsWhole() {
        byte[] secret = SigningKey.random();
        secret[40] ^= 1;
        assertThatThrownBy(() -> new SigningKey(secret)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SigningKey(new byte[63])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whosePublicKeyHasOneText() {
        String text = new SigningKey(SigningKey.random()).publicKey().base64();
        assertThat(SignatureKey.parse(text)).isPresent();
        assertThat(SignatureKey.parse(text.substring(0, 59))).isEmpty();
        assertThat(SignatureKey.parse(text + "\n")).isEmpty();
        assertThat(SignatureKey.parse("A" + text.substring(1))).isEmpty();
        assertThat(SignatureKey.parse("")).isEmpty();
        int last = text.charAt(58);
        String sameBytes = text.substring(0, 58) + (char) (last + 1) + "=";
        assertThat(SignatureKey.parse(sameBytes)).isEmpty();
    }
}
