package ephemera.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.server.StartFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class WrongConfigurationEndsTheStart {

    @TempDir
    Path folder;

    static Stream<Arguments> files() {
        return Stream.of(
                wrong("a typing error", "log.level: info\nhttp.prot: 1\n", "\"http.prot\"", ":2", "mean http.port?"),
                wrong("the end of a key", "port: 1\n", "Unknown setting \"port\"", ":1", "mean http.port?"),
                wrong("a nested typing error", "limits:\n  bdy: 1KB\n", "\"limits.bdy\"", ":2", "mean limits.body?"),
                wrong("another style", "limits:\n  streamsPerPerson: 1\n", "mean limits.streams-per-person?"),
                wrong("a group with a value", "http: 80\n", "\"http\"", "http.host, http.port"),
                wrong("a value with settings", "http.port:\n  a: 1\n", "\"http.port.a\"", "mean http.port?"),
                wrong("no value", "http.port:\n", ":1", "\"http.port\" has no value"),
                wrong("an empty value", "http.port: ''\n", "http.port is \"\"", "whole number from 0 to 65535"),
                wrong("a word for a number", "http.port: many\n", "http.port is \"many\"", ":1", "from 0 to 65535"),
                wrong("a number too large", "http.port: 65536\n", "from 0 to 65535"),
                wrong("a number beyond int", "http.port: 99999999999999999999\n", "from 0 to 65535"),
                wrong("a negative number", "http.port: -1\n", "from 0 to 65535"),
                wrong("a fraction", "database.pool: 1.5\n", "from 2 to 500"),
                wrong("digits of another script", "http.port: ٣٣\n", "from 0 to 65535"),
                wrong("a yes", "http.insecure: yes\n", "http.insecure is \"yes\"", "one of true, false"),
                wrong("an unknown word", "log.format: xml\n", "log.format is \"xml\"", "one of text, json"),
                wrong("time without a unit", "message.lifespan.min: 60\n", "is \"60\"", "ms, s, m, h, d (such as 15m)"),
                wrong("seconds left over", "message.lifespan.min: 90s\n", "whole minutes from 1m"),
                wrong("too short a time", "message.lifespan.min: 0m\n", "whole minutes from 1m"),
                wrong("a size without a unit", "limits.body: 10\n", "limits.body is \"10\"", "units B, KB, MB, GB"),
                wrong("too large a size", "limits.body: 17MB\n", "a size from 1B to 16MB"),
                wrong("a list for one value", "http.port: [1, 2]\n", "from 0 to 65535, not a list"),
                wrong("a comma in a list", "http.cors.origins: ['a,b']\n", "none with a comma"),
                wrong("a list in a list", "http.cors.origins: [[a]]\n", "list of plain values"),
                wrong("an origin with a path", "http.cors.origins: https://a.example/\n", "list of origins such as"),
                wrong("a star among origins", "http.cors.origins: ['*', https://a.example]\n", "list of origins"),
                wrong("a host with a port", "http.host: localhost:8080\n", "without a port"),
                wrong("half an address", "http.host: 999.0.0.1\n", "host name or an IP address"),
                wrong("a name for a proxy", "http.trusted-proxies: proxy.example\n", "list of networks such as"),
                wrong("a URL with a path", "http.public-url: https://a.example/chat\n", "without a path or a slash"),
                wrong("a URL with a slash", "http.public-url: https://a.example/\n", "without a path or a slash"),
                wrong("a host for a URL", "http.public-url: a.example\n", "a URL such as https://chat.example.org"),
                wrong("another database", "database.url: jdbc:mysql://db/e\n", "database.url has a wrong value", ":1"),
                wrong("a key twice", "http.port: 1\nhttp:\n  port: 2\n", ":3", "already set at", ":1; remove"),
                wrong("no mapping", "- http.port\n", ":1", "\"key: value\""),
                wrong("a bare word", "hello\n", ":1", "\"key: value\""),
                wrong("a complex key", "? [a]\n: 1\n", "not a plain word"),
                wrong("broken YAML", "log.level: info\nhttp.port: \"1\n", "not valid YAML"),
                wrong("a bare star", "http.cors.origins: *\n", ":1 is not valid YAML"),
                wrong("two documents", "http.port: 1\n---\nhttp.port: 2\n", "not valid YAML"),
                wrong("an alias to itself", "a: &a\n  b: *a\n", "\"key: value\""),
                wrong("a forged line", "\"a\\nb\\u202e\": 1\n", "\"a\\u000ab\\u202e\""));
    }

    private static Arguments wrong(String what, String yaml, String... words) {
        return Arguments.of(what, yaml, words);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void fileIsRefusedWithItsNameAndWhatIsWrong(String what, String yaml, String[] words) throws IOException {
        Path file = Files.writeString(folder.resolve("given.yaml"), yaml);

        assertThatThrownBy(() -> Config.load(Optional.of(file), Map.of(), Map.of()))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining(file.toString())
                .hasMessageContainingAll(words)
                .hasMessageNotContaining("\n");
    }

    @Test
    void wrongValueIsRefusedEvenWhereAnotherSourceWins() throws IOException {
        Path file = Files.writeString(folder.resolve("given.yaml"), "http.port: many\n");

        assertThatThrownBy(() -> Config.load(Optional.of(file), Map.of(), Map.of("http.port", "1")))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("http.port is \"many\"");
    }

    @Test
    void unknownVariableIsRefusedWithTheNearestOne() {
        assertThatThrownBy(() -> load(Map.of("EPHEMERA_HTTPPORT", "1"), Map.of()))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("\"EPHEMERA_HTTPPORT\" is not a setting; did you mean EPHEMERA_HTTP_PORT?");
    }

    @Test
    void wrongVariableIsNamed() {
        assertThatThrownBy(() -> load(Map.of("EPHEMERA_LIMITS_GROUP_MEMBERS", "x"), Map.of()))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("limits.group-members is \"x\"")
                .hasMessageContaining("environment variable EPHEMERA_LIMITS_GROUP_MEMBERS");
    }

    @Test
    void unknownOverrideIsRefused() {
        assertThatThrownBy(() -> load(Map.of(), Map.of("log.levle", "info")))
                .isInstanceOf(StartFailure.class)
                .hasMessage("Unknown setting \"log.levle\" (command line); did you mean log.level?");
    }

    @Test
    void fileThatIsNamedMustBeReadable() throws IOException {
        assertThatThrownBy(() -> Config.load(Optional.of(folder.resolve("none.yaml")), Map.of(), Map.of()))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("none.yaml does not exist");
        assertThatThrownBy(() -> Config.load(Optional.of(folder), Map.of(), Map.of()))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("is a folder");
        Path latin = Files.write(folder.resolve("latin.yaml"), new byte[] {'a', ':', ' ', (byte) 0xe9});
        assertThatThrownBy(() -> Config.load(Optional.of(latin), Map.of(), Map.of()))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("is not UTF-8");
        Path large = Files.writeString(folder.resolve("large.yaml"), "#".repeat(1_100_000));
        assertThatThrownBy(() -> Config.load(Optional.of(large), Map.of(), Map.of()))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("larger than 1 MB");
    }

    @Test
    void deeplyNestedFileIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("deep.yaml"), "{a: ".repeat(100_000));

        assertThatThrownBy(() -> Config.load(Optional.of(file), Map.of(), Map.of())).isInstanceOf(StartFailure.class);
    }

    @Test
    void fileInTheDataFolderCannotMoveTheDataFolder() throws IOException {
        Files.writeString(folder.resolve("ephemera.yaml"), "log.level: info\ndata: /elsewhere\n");

        assertThatThrownBy(() -> load(Map.of(), Map.of("data", folder.toString())))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("ephemera.yaml:2")
                .hasMessageContaining("data cannot be set in the file that lies in the data folder");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            http.tls.certificate=x.pem              | http.tls.key is not
            http.tls.key=x.pem                      | http.tls.certificate is not
            http.tls.key=x.pem http.tls.certificate=none.pem | not a file that this user can read
            http.host=0.0.0.0                       | plain HTTP would carry passwords in clear
            http.host=::                            | plain HTTP would carry passwords in clear
            http.host=chat.example.org              | plain HTTP would carry passwords in clear
            http.trusted-proxies=10.1.2.3,0.0.0.0/0 | name the proxies alone
            http.trusted-proxies=::/0               | name the proxies alone
            http.port=65535                         | set management.port too
            http.port=9000 management.port=9000     | give them different ports
            database.user=e                         | database.url is not
            database.password=e                     | database.url is not
            message.lifespan.min=31d                | message.lifespan.min (command line) must not be more than
            message.lifespan.max=1d                 | must not be more than message.lifespan.max (command line)
            limits.body=2MB                         | must not be more than limits.request (default)
            limits.attachment=2GB                   | must not be more than limits.uploads-per-person (default)
            limits.uploads-per-client=512MB         | must not be more than limits.uploads-per-client (command line)
            data=''                                 | data is ""
            """)
    void valuesThatContradictEachOtherAreRefused(String overrides, String words) throws IOException {
        Path pem = Files.writeString(folder.resolve("x.pem"), "x");
        Map<String, String> given = new HashMap<>(Map.of("data", folder.toString()));
        for (String override : overrides.split(" ")) {
            String[] parts = override.replace("''", "").split("=", 2);
            given.put(parts[0], parts[1].equals("x.pem") ? pem.toString() : parts[1]);
        }

        assertThatThrownBy(() -> load(Map.of(), given)).isInstanceOf(StartFailure.class).hasMessageContaining(words);
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0, true", "chat.example.org, true", "127.0.0.1, false", "127.8.9.1, false", "localhost, false",
        "::1, false"})
    void plainHttpIsServedToThisMachineOrWhereAllowed(String host, String insecure) {
        Config config = load(Map.of(), Map.of("data", folder.toString(), "http.host", host, "http.insecure", insecure));

        assertThat(config.http().host()).isEqualTo(host);
    }

    private static Config load(Map<String, String> environment, Map<String, String> overrides) {
        return Config.load(Optional.empty(), environment, overrides);
    }
}
