package ephemera.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaterSourceWins {

    @TempDir
    Path folder;

    @Test
    void withoutAnySourceTheDefaultsHold() {
        Config config = load(Map.of(), Map.of("data", folder.toString()));

        assertThat(config.data()).isEqualTo(folder);
        assertThat(config.http()).isEqualTo(
                new Config.Http(
                        "127.0.0.1", 8080, Optional.empty(), Optional.empty(), Networks.of(), new Origins.Any()));
        assertThat(config.management()).isEqualTo(new Config.Management("127.0.0.1", 8081));
        assertThat(config.database()).isEqualTo(new Config.Database.Bundled(10));
        assertThat(config.lifespans())
                .isEqualTo(new Config.Lifespans(Duration.ofDays(30), Duration.ofMinutes(1), Duration.ofDays(365)));
        assertThat(config.limits()).isEqualTo(
                new Config.Limits(
                        new Size(65_536), new Size(1_048_576), new Size(104_857_600), new Size(1L << 30),
                        new Size(20L << 30), 10_000, 250, 50, 1_000));
        assertThat(config.log()).isEqualTo(new Config.Log(System.Logger.Level.INFO, Config.LogFormat.TEXT));
    }

    @Test
    void eachSourceWinsOverTheOneBefore() throws IOException {
        Path file = file("given.yaml", """
                http.port: 1001
                limits.streams-per-person: 1002
                limits.group-members: 1003
                """);
        Map<String, String> environment = Map.of(
                "EPHEMERA_LIMITS_STREAMS_PER_PERSON", "2002", "EPHEMERA_LIMITS_GROUP_MEMBERS", "2003", "PATH", "x");

        Config config = Config.load(Optional.of(file), environment, Map.of("limits.group-members", "3003"));

        assertThat(config.http().port()).isEqualTo(1001);
        assertThat(config.limits().streamsPerPerson()).isEqualTo(2002);
        assertThat(config.limits().groupMembers()).isEqualTo(3003);
        assertThat(config.limits().streamBuffer()).isEqualTo(1000);
    }

    @Test
    void fileInTheDataFolderIsReadUnlessOneIsNamed() throws IOException {
        file("ephemera.yaml", "http.port: 1001\n");
        Path named = file("named.yaml", "log.level: debug\n");
        Map<String, String> overrides = Map.of("data", folder.toString());

        assertThat(load(Map.of(), overrides).http().port()).isEqualTo(1001);
        assertThat(load(Map.of("EPHEMERA_DATA", folder.toString()), Map.of()).http().port()).isEqualTo(1001);
        Config config = Config.load(Optional.of(named), Map.of(), overrides);
        assertThat(config.http().port()).isEqualTo(8080);
        assertThat(config.log().level()).isEqualTo(System.Logger.Level.DEBUG);
    }

    @Test
    void relativePathCountsFromTheFileItStandsInElseFromTheWorkingDirectory() throws IOException {
        Files.createFile(folder.resolve("chain.pem"));
        Files.createFile(folder.resolve("key.pem"));
        Path file = file("given.yaml", """
                data: ./kept/../here
                http.tls.certificate: chain.pem
                http.tls.key: key.pem
                """);

        Config config = Config.load(Optional.of(file), Map.of(), Map.of());
        assertThat(config.data()).isEqualTo(folder.resolve("here"));
        assertThat(config.http().tls())
                .contains(new Config.Tls(folder.resolve("chain.pem"), folder.resolve("key.pem")));

        Config overridden = Config.load(Optional.of(file), Map.of(), Map.of("data", "there"));
        assertThat(overridden.data()).isEqualTo(Path.of("there").toAbsolutePath());
    }

    @Test
    void groupsMayBeNestedOrDottedAndListsWrittenAsLists() throws IOException {
        Path file = file("given.yaml", """
                # A comment, and a group with nothing in it:
                management:
                http:
                  port: 9000
                  cors.origins:
                    - https://a.example
                    - "https://b.example:8443"
                message.lifespan:
                  max: 12h
                  default: 60s
                """);

        Config config = Config.load(Optional.of(file), Map.of(), Map.of());

        assertThat(config.http().port()).isEqualTo(9000);
        assertThat(config.management().port()).isEqualTo(9001);
        assertThat(config.http().origins())
                .isEqualTo(new Origins.Listed(Set.of("https://a.example", "https://b.example:8443")));
        assertThat(config.lifespans()).isEqualTo(
                new Config.Lifespans(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofHours(12)));
    }

    @Test
    void emptyFileSaysNothing() throws IOException {
        Path file = file("empty.yaml", "# only this\n");

        assertThat(Config.load(Optional.of(file), Map.of(), Map.of()).http().port()).isEqualTo(8080);
    }

    @Test
    void emptyValueUnsetsWhatMayBeUnset() {
        Config config = load(
                Map.of("EPHEMERA_DATABASE_URL", "jdbc:postgresql://db/e", "EPHEMERA_DATABASE_PASSWORD", ""),
                Map.of("data", folder.toString(), "database.url", "", "http.cors.origins", ""));

        assertThat(config.database()).isInstanceOf(Config.Database.Bundled.class);
        assertThat(config.http().origins()).isEqualTo(new Origins.Listed(Set.of()));
    }

    @Test
    void externalDatabaseIsUsedOnceItsUrlIsSet() {
        Config config = load(
                Map.of("EPHEMERA_DATABASE_PASSWORD", " p w "),
                Map.of("data", folder.toString(), "database.url", "jdbc:postgresql://db:5432/e?ssl=true",
                        "database.user", "e", "database.pool", "7"));

        assertThat(config.database()).isEqualTo(new Config.Database.External(
                "jdbc:postgresql://db:5432/e?ssl=true", Optional.of("e"), Optional.of(new Secret(" p w ")), 7));
    }

    @Test
    void managementTakesAnyPortWhenHttpDoes() {
        Map<String, String> overrides = Map.of("data", folder.toString(), "http.port", "0");

        assertThat(load(Map.of(), overrides).management().port()).isZero();
        assertThat(load(Map.of("EPHEMERA_MANAGEMENT_PORT", "9999"), overrides).management().port()).isEqualTo(9999);
    }

    @Test
    void variablesThatKubernetesSetsForAServiceAreNoSettings() {
        Map<String, String> links = Map.of(
                "EPHEMERA_SERVICE_HOST", "10.0.0.1",
                "EPHEMERA_SERVICE_PORT", "8080",
                "EPHEMERA_SERVICE_PORT_HTTP", "8080",
                "EPHEMERA_PORT", "tcp://10.0.0.1:8080",
                "EPHEMERA_PORT_8080_TCP", "tcp://10.0.0.1:8080",
                "EPHEMERA_PORT_8080_TCP_PROTO", "tcp",
                "EPHEMERA_PORT_8080_TCP_PORT", "8080",
                "EPHEMERA_PORT_8080_TCP_ADDR", "10.0.0.1",
                "EPHEMERA_WEB_SERVICE_HOST", "10.0.0.2");

        assertThat(load(links, Map.of("data", folder.toString())).http().port()).isEqualTo(8080);
    }

    @Test
    void addressIsOneThatThisMachineCanCall() throws IOException {
        Path pem = Files.createFile(folder.resolve("x.pem"));
        Map<String, String> data = Map.of("EPHEMERA_DATA", folder.toString());

        assertThat(load(data, Map.of()).http().url(8080)).isEqualTo("http://127.0.0.1:8080");
        assertThat(load(data, Map.of("http.host", "::1")).http().url(1)).isEqualTo("http://[::1]:1");
        assertThat(load(data, Map.of("http.host", "0.0.0.0", "http.tls.key", pem.toString(),
                "http.tls.certificate", pem.toString())).http().url(1)).isEqualTo("https://localhost:1");
    }

    @Test
    void proxiesAndWhereClientsReachThemAreAsGiven() throws IOException {
        Path file = file("given.yaml", """
                http:
                  public-url: https://chat.example.org:8443
                  trusted-proxies: [10.1.2.3, "fd00:1::/64"]
                """);

        Config.Http http = Config.load(Optional.of(file), Map.of(), Map.of()).http();

        assertThat(http.publicUrl()).contains("https://chat.example.org:8443");
        assertThat(http.trustedProxies()).isEqualTo(Networks.of("10.1.2.3/32", "fd00:1::/64"));
        assertThat(http.url(8080)).isEqualTo("http://127.0.0.1:8080");
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static Config load(Map<String, String> environment, Map<String, String> overrides) {
        return Config.load(Optional.empty(), environment, overrides);
    }
}
