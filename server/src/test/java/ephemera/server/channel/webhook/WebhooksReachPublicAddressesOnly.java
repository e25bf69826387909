package ephemera.server.channel.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.server.config.Config;
import ephemera.server.config.Networks;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebhooksReachPublicAddressesOnly {

    private static final Config.Webhooks STRICT = new Config.Webhooks(false, Networks.of());

    private static Guard.Verdict judge(Config.Webhooks config, String url, String... addresses) {
        return new Guard(config, _ -> Stream.of(addresses).map(InetAddress::ofLiteral).toArray(InetAddress[]::new))
                .judge(URI.create(url));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1",
        "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1",
        "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255",
        "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1",
        "2001::1", "2001:2::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::1", "3fff::1", "5f00::1", "4000::1"
    })
    void notThoseOfAnyKindThatOnlySomeCanReach(String address) {
        assertThat(judge(STRICT, "https://hook.example/", address)).isInstanceOf(Guard.Verdict.Forbidden.class);
        // One among several would do to an attacker who can wait.
        assertThat(judge(STRICT, "https://hook.example/", "93.184.216.34", address))
                .isInstanceOf(Guard.Verdict.Forbidden.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "1.1.1.1", "9.255.255.255", "11.0.0.0", "93.184.216.34", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255",
        "198.17.255.255",
        "198.20.0.0", "223.255.255.255", "::ffff:1.1.1.1", "2001:200::1", "2600::1", "2a00:1450::1"
    })
    void butAllOthers(String address) {
        assertThat(judge(STRICT, "https://hook.example/", address))
                .isEqualTo(new Guard.Verdict.Allowed(List.of(InetAddress.ofLiteral(address))));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f.0.0.1/",
        "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[0:0:0:0:0:ffff:7f00:1]/", "https://localhost/"
    })
    void howeverTheyAreWritten(String url) {
        assertThat(Guard.url(url).<Object>map(each -> new Guard(STRICT).judge(each)).orElse("no URL"))
                .isNotInstanceOf(Guard.Verdict.Allowed.class);
    }

    @Test
    void orThoseThatTheOperatorLists() {
        Config.Webhooks config = new Config.Webhooks(true, Networks.of("10.1.0.0/16", "::1"));
        assertThat(judge(config, "https://hook.example/", "10.1.2.3")).isInstanceOf(Guard.Verdict.Allowed.class);
        assertThat(judge(config, "http://hook.example:9000/", "10.1.2.3")).isInstanceOf(Guard.Verdict.Allowed.class);
        assertThat(judge(config, "http://hook.example:9000/", "::1")).isInstanceOf(Guard.Verdict.Allowed.class);
        assertThat(judge(config, "https://hook.example/", "10.2.2.3")).isInstanceOf(Guard.Verdict.Forbidden.class);
        assertThat(judge(config, "https://hook.example/", "10.1.2.3", "10.2.2.3"))
                .isInstanceOf(Guard.Verdict.Forbidden.class);
    }

    static Stream<List<String>> ports() {
        return Stream.of(
                List.of("https://hook.example/", "yes", "yes"),
                List.of("https://hook.example:443/", "yes", "yes"),
                List.of("https://hook.example:8443/", "yes", "yes"),
                List.of("https://hook.example:80/", "no", "no"),
                List.of("https://hook.example:22/", "no", "no"),
                List.of("https://hook.example:5432/", "no", "no"),
                List.of("http://hook.example/", "no", "yes"),
                List.of("http://hook.example:80/", "no", "yes"),
                List.of("http://hook.example:443/", "no", "no"),
                List.of("http://hook.example:8080/", "no", "no"));
    }

    @ParameterizedTest
    @MethodSource("ports")
    void atThePortsOfTheWeb(List<String> row) {
        assertThat(judge(STRICT, row.get(0), "1.1.1.1") instanceof Guard.Verdict.Allowed)
                .isEqualTo(row.get(1).equals("yes"));
        assertThat(
                judge(new Config.Webhooks(true, Networks.of()), row.get(0), "1.1.1.1") instanceof Guard.Verdict.Allowed)
                .isEqualTo(row.get(2).equals("yes"));
    }

    @Test
    void andTheirNamesMayBeUnknownForAWhile() {
        Guard guard = new Guard(STRICT, host -> {
            throw new UnknownHostException(host);
        });
        assertThat(guard.judge(URI.create("https://hook.example/"))).isEqualTo(new Guard.Verdict.Unknown());
        assertThat(judge(STRICT, "https://hook.example/")).isEqualTo(new Guard.Verdict.Unknown());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "hook.example", "/hook", "//hook.example/", "ftp://hook.example/", "file:///etc/passwd", "https:///hook",
        "https://user:secret@hook.example/", "https://hook.example/#part", "https://hook.example:0/",
        "https://hook.example:65536/", "https://hook.example/a b", "https://hook.example/\r\nX: y",
        "https://höok.example/",
        "https://hook.example/ä", "https://hook.example./", "javascript:alert(1)", "HTTPS//hook.example"
    })
    void atAUrlThatIsOne(String text) {
        assertThat(Guard.url(text)).isEmpty();
    }

    @Test
    void ofAnyPathAndQuery() {
        assertThat(Guard.url("https://hook.example:8443/a/b%20c?d=e&f")).isPresent();
        assertThat(Guard.url("https://hook.example/" + "a".repeat(2_000))).isEmpty();
    }
}
