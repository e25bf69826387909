package ephemera.core.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressIsReadAsItsForm {

    private static final UUID TOKEN = UUID.fromString("0b53ffcd-9acb-4e9c-b4b9-d1e8a8fd9d6f");

    @Test
    void tokensInAnyCaseAndBetweenBlanks() {
        Address token = new Address.Token(TOKEN);
        assertThat(Address.parse(TOKEN.toString())).contains(token);
        assertThat(Address.parse(" " + TOKEN.toString().toUpperCase(Locale.ROOT) + "\t")).contains(token);
        assertThat(token.text()).isEqualTo(TOKEN.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "bob@example.com, bob@example.com",
        "BOB@Example.COM, bob@example.com",
        "' bob@example.com ', bob@example.com",
        "o'neil+test_1.x@sub.example.co, o'neil+test_1.x@sub.example.co",
        "12345678@example.com, 12345678@example.com",
        "j\u00fcrgen@example.com, j\u00fcrgen@example.com",
    })
    void emailAddressesInLowerCase(String written, String normalised) {
        assertThat(Address.parse(written)).contains(new Address.Email(normalised));
    }

    @ParameterizedTest
    @CsvSource({
        "+15550109999, +15550109999",
        "15550109999, +15550109999",
        "+1 (555) 010-9999, +15550109999",
        "1.555.010.9999, +15550109999",
        "+49/30/1234567, +49301234567",
        "1234567, +1234567",
        "123456789012345, +123456789012345",
    })
    void phoneNumbersWithoutWhatPeopleWriteBetweenTheDigits(String written, String normalised) {
        assertThat(Address.parse(written)).contains(new Address.Phone(normalised));
    }

    @ParameterizedTest
    @CsvSource({"bob, bob", "Bob.Bell, bob.bell", "b, b", "nurse_7-a, nurse_7-a"})
    void usernamesInLowerCase(String written, String normalised) {
        assertThat(Address.parse(written)).contains(new Address.Username(normalised));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "@",
                "@example.com",
                "bob@",
                "bob@@example.com",
                "a@b@c",
                "bob smith@example.com",
                "bob@exa\u0000mple.com",
                "<bob@example.com>",
                "bob@example.com,eve@example.com",
                "bob@example.com;eve@example.com",
                "\"bob\"@example.com",
                "bob@example.com\r\nBcc: eve@example.com",
                "123456",
                "1234567890123456",
                "++15550109999",
                "+1555\u0660109999",
                "7bob",
                "-bob",
                "bob bell",
                "b\u00f6b",
                "bob/../eve",
                "%00",
            })
    void anythingElseAsNone(String text) {
        assertThat(Address.parse(text)).isEmpty();
    }

    @Test
    void andNothingThatIsTooLong() {
        String longest = "a".repeat(Address.LONGEST - "@example.com".length()) + "@example.com";
        assertThat(Address.parse(longest)).contains(new Address.Email(longest));
        assertThat(Address.parse("a" + longest)).isEmpty();
        assertThat(Address.parse("a".repeat(100))).contains(new Address.Username("a".repeat(100)));
        assertThat(Address.parse("a".repeat(101))).isEmpty();
    }

    /** What was normalised once stays what it is, so that stored addresses are found again. */
    @ParameterizedTest
    @ValueSource(strings = {"BOB@Example.COM", "+1 (555) 010-9999", "Bob.Bell", "0B53FFCD-9acb-4e9c-b4b9-d1e8a8fd9d6f"})
    void andTheNormalisedFormReadsAsItself(String text) {
        Address address = Address.parse(text).orElseThrow();
        assertThat(Address.parse(address.text())).contains(address);
    }
}
