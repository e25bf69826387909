package ephemera.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.server.config.Networks;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyIsBelievedOnlyIfItIsTrusted {

    private static final TrustedProxies PROXIES = new TrustedProxies(Networks.of("10.0.0.0/24", "fd00::/64"));

    /** What is counted, if such a list comes from such a connection; a semicolon parts lines of the header. */
    private static String origin(String peer, String lists) {
        return PROXIES.origin(peer, lists.isEmpty() ? List.of() : Arrays.asList(lists.split(";", -1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"203.0.113.9", "10.0.1.1", "127.0.0.1", "9.255.255.255", "0.0.0.0"})
    void othersCannotChooseTheirAddress(String peer) {
        for (String list : List.of("198.51.100.7", "10.0.0.1", "198.51.100.7, 10.0.0.1", "", "x", peer + ", 1.1.1.1")) {
            assertThat(origin(peer, list)).isEqualTo(peer);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            198.51.100.7                             | 198.51.100.7
            198.51.100.7:567                         | 198.51.100.7
            ' \t198.51.100.7 \t'                     | 198.51.100.7
            ::ffff:198.51.100.7                      | 198.51.100.7
            [::ffff:198.51.100.7]:567                | 198.51.100.7
            ::ffff:c633:6407                         | 198.51.100.7
            2001:db8:1:2:3:4:5:6                     | 2001:db8:1:2::/64
            [2001:db8:1:2::6]                        | 2001:db8:1:2::/64
            [2001:DB8:1:2::7]:80                     | 2001:db8:1:2::/64
            2001:db8:1:2::8%eth0                     | 2001:db8:1:2::/64
            [fe80::1%25eth0]:80                      | fe80:0:0:0::/64
            2001:db8:1:3::6                          | 2001:db8:1:3::/64
            """)
    void clientOfAProxyIsWhomTheProxyNames(String list, String origin) {
        assertThat(origin("10.0.0.1", list)).isEqualTo(origin);
        assertThat(origin("::ffff:10.0.0.1", list)).as("the proxy's address in another form").isEqualTo(origin);
        assertThat(origin("fd00:0:0:0:0:0:0:1%eth0", list)).as("a proxy with IPv6").isEqualTo(origin);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            6.6.6.6, 198.51.100.7                    | 198.51.100.7
            6.6.6.6;198.51.100.7                     | 198.51.100.7
            198.51.100.7;6.6.6.6, 7.7.7.7            | 7.7.7.7
            6.6.6.6, 10.0.0.9, 198.51.100.7          | 198.51.100.7
            10.0.0.9, 198.51.100.7, 10.0.0.2         | 198.51.100.7
            6.6.6.6, 198.51.100.7, 10.0.0.3,10.0.0.2 | 198.51.100.7
            198.51.100.7, [fd00::7]:80, 10.0.0.2     | 198.51.100.7
            x, 198.51.100.7                          | 198.51.100.7
            ',,,198.51.100.7'                        | 198.51.100.7
            ';;198.51.100.7'                         | 198.51.100.7
            """)
    void whatTheClientSaysOfItselfIsNotRead(String lists, String origin) {
        assertThat(origin("10.0.0.1", lists)).isEqualTo(origin);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            10.0.0.9                                 | 10.0.0.9
            10.0.0.9, 10.0.0.2                       | 10.0.0.9
            10.0.0.1                                 | 10.0.0.1
            """)
    void aProxyThatCallsForItselfCountsAsAClient(String list, String origin) {
        assertThat(origin("10.0.0.1", list)).isEqualTo(origin);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", ",", ";", "198.51.100.7,", "198.51.100.7;", "198.51.100.7, ", "198.51.100.7, x", "unknown",
                "_hidden", "client.example", "198.51.100", "198.51.100.7.8", "198.51.100.256", "3325256711",
                "0xc6336407", "0306.51.100.7", "198.51.100.7:", "198.51.100.7:123456", "198.51.100.7:x",
                ":198.51.100.7", "[198.51.100.7]", "[198.51.100.7]:80", "2001:db8", "2001:db8::1::2", "[2001:db8::1",
                "2001:db8::1]", "[2001:db8::1]80", "[2001:db8::1]:", "[[2001:db8::1]]", "2001:db8:1:2:3:4:5:6:7",
                "2001:db8::12345", "::ffff:198.51.100.256", "\"198.51.100.7\"", "for=198.51.100.7", "198.51.100.7 x",
                "198.51.100.7/32", "-1.1.1.1", "١٩٨.51.100.7", "\u0000", "198.51.100.7\u0000", "%", "fe80::1%", "[]",
                "[::1%e%f]",
            })
    void whatIsNoAddressEndsTheReading(String lists) {
        assertThat(origin("10.0.0.1", lists)).isEqualTo("10.0.0.1");
    }

    @Test
    void theLastGoodOneCountsThen() {
        assertThat(origin("10.0.0.1", "198.51.100.7, unknown, 10.0.0.3, 10.0.0.2")).isEqualTo("10.0.0.3");
        assertThat(origin("10.0.0.1", "198.51.100.7, , 10.0.0.2")).isEqualTo("10.0.0.2");
        assertThat(origin("10.0.0.1", "198.51.100.7;;10.0.0.2")).isEqualTo("10.0.0.2");
    }

    @Test
    void longListsCostNoMoreThanShortOnes() {
        assertThat(origin("10.0.0.1", "6.6.6.6, ".repeat(7_000) + "198.51.100.7")).isEqualTo("198.51.100.7");
        String proxies = String.join(",", Collections.nCopies(14, "10.0.0.2"));
        assertThat(origin("10.0.0.1", "6.6.6.6, 198.51.100.7, " + proxies)).isEqualTo("198.51.100.7");
        assertThat(origin("10.0.0.1", "198.51.100.7, " + "10.0.0.2,".repeat(7_000) + "10.0.0.2"))
                .isEqualTo("10.0.0.2");
        assertThat(origin("10.0.0.1", "1".repeat(64_000))).isEqualTo("10.0.0.1");
        assertThat(origin("10.0.0.1", ":".repeat(64_000))).isEqualTo("10.0.0.1");
    }

    @Test
    void withoutAProxyTheAddressOfTheConnectionCounts() {
        TrustedProxies none = new TrustedProxies(Networks.of());
        assertThat(none.origin("203.0.113.9", List.of("198.51.100.7"))).isEqualTo("203.0.113.9");
        assertThat(none.origin("2001:db8:1:2:3:4:5:6", List.of("198.51.100.7"))).isEqualTo("2001:db8:1:2::/64");
        assertThat(none.origin("fe80:0:0:0:0:0:0:1%2", List.of())).isEqualTo("fe80:0:0:0::/64");
        assertThat(none.origin("", List.of())).isEmpty();
    }
}
