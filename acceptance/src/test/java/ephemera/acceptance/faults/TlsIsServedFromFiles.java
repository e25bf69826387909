package ephemera.acceptance.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.acceptance.Commands;
import ephemera.acceptance.Demo;
import ephemera.acceptance.ServerProcess;
import ephemera.acceptance.TemporaryFolder;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Tiger;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A certificate and a key in two files are all that https needs; without them, nothing leaves the machine. */
class TlsIsServedFromFiles {
    private static final char[] PASSWORD = "changeit".toCharArray();

    private static TemporaryFolder folder;
    private static KeyStore identity;
    private static ServerProcess server;
    private static Demo demo;

    @BeforeAll
    static void startServer() throws IOException, GeneralSecurityException {
        folder = TemporaryFolder.make();
        identity = identity("server", "RSA");
        server = ServerProcess.Launch.on(folder.path().resolve("data")).withDemo()
                .withTls(certificate(identity), key(identity)).start();
        demo = server.demo();
    }

    @AfterAll
    static void end() {
        server.close();
        folder.close();
    }

    @Test
    void peopleTalkOverHttps() throws GeneralSecurityException {
        Tiger alice = Tiger.at(server.url()).through(trusting(identity)).as(demo.members().get(0).credentials());
        Tiger bob = Tiger.at(server.url()).through(trusting(identity))
                .signedIn(demo.members().get(1).email(), demo.members().get(1).password());
        try (EventStream stream = bob.events().untilLive()) {
            String token = alice.send(demo.members().get(1).token(), "in private").expect(200).messageId();
            stream.await(each -> each.messageId().equals(token));
        }
        assertThat(demo.url()).hasScheme("https");
    }

    @Test
    void strangerToTheCertificateIsNotServed() throws GeneralSecurityException, IOException {
        Tiger careful = Tiger.at(server.url()).through(trusting(identity("somebody", "EC")));
        assertThatThrownBy(careful::me).isInstanceOf(UncheckedIOException.class)
                .hasRootCauseInstanceOf(GeneralSecurityException.class);
    }

    @Test
    void plainHttpIsNotServedBesideIt() {
        Tiger plain = Tiger.at(URI.create("http://127.0.0.1:" + server.launch().port()));
        assertThatThrownBy(plain::me).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void plainHttpForOtherMachinesHasToBeWanted() {
        Commands.Outcome outcome = serve("http.host=0.0.0.0");
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err()).contains("0.0.0.0", "http.tls.certificate", "http.insecure").doesNotContain("\tat ");
    }

    @Test
    void keyWithoutCertificateIsNamed() throws GeneralSecurityException, IOException {
        Commands.Outcome outcome = serve("http.tls.key=" + key(identity));
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err()).contains("http.tls.key", "http.tls.certificate").doesNotContain("\tat ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC"})
    void keyOfAnotherCertificateIsRefused(String algorithm) throws GeneralSecurityException, IOException {
        KeyStore one = identity("one" + algorithm, algorithm);
        KeyStore other = identity("other" + algorithm, algorithm);
        assertCannotServe("http.tls.certificate=" + certificate(one), "http.tls.key=" + key(other));
    }

    @Test
    void fileThatIsNoCertificateIsRefused() throws GeneralSecurityException, IOException {
        Path nonsense = Files.writeString(folder.path().resolve("nonsense.pem"), "no certificate\n");
        assertCannotServe("http.tls.certificate=" + nonsense, "http.tls.key=" + key(identity));
    }

    private static void assertCannotServe(String... settings) {
        Commands.Outcome outcome = serve(settings);
        assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(1);
        assertThat(outcome.err().strip().lines().toList().getLast()).contains("http.tls").endsWith(".");
        assertThat(outcome.err()).doesNotContain("\tat ");
    }

    /** Runs a server that must not start, on a folder of its own. */
    private static Commands.Outcome serve(String... settings) {
        String[] words = new String[3 + 2 * settings.length];
        words[0] = "serve";
        words[1] = "--port";
        words[2] = Integer.toString(ServerProcess.freePort());
        for (int i = 0; i < settings.length; i++) {
            words[3 + 2 * i] = "--set";
            words[4 + 2 * i] = settings[i];
        }
        return Commands.on(folder.path().resolve("refused")).run(words);
    }

    /** Makes a key and a certificate that nobody has signed but itself. */
    private static KeyStore identity(String alias, String algorithm) throws IOException, GeneralSecurityException {
        Path file = folder.path().resolve(alias + ".p12");
        try {
            int status = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair", "-alias", alias, "-keyalg", algorithm, "-dname", "CN=localhost", "-ext",
                    "san=dns:localhost,ip:127.0.0.1", "-validity", "2", "-keystore", file.toString(), "-storetype",
                    "PKCS12", "-storepass", new String(PASSWORD)).redirectErrorStream(true)
                    .redirectOutput(folder.path().resolve("keytool").toFile()).start().waitFor();
            assertThat(status).as("keytool's status").isZero();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while keytool ran", e);
        }
        KeyStore made = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            made.load(in, PASSWORD);
        }
        return made;
    }

    private static HttpClient trusting(KeyStore store) throws GeneralSecurityException {
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        try {
            anchors.load(null, null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String alias = store.aliases().nextElement();
        anchors.setCertificateEntry(alias, store.getCertificate(alias));
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(anchors);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    private static Path certificate(KeyStore store) throws GeneralSecurityException, IOException {
        String alias = store.aliases().nextElement();
        return Files.writeString(folder.path().resolve(alias + "-certificate.pem"),
                pem("CERTIFICATE", store.getCertificate(alias).getEncoded()));
    }

    private static Path key(KeyStore store) throws GeneralSecurityException, IOException {
        String alias = store.aliases().nextElement();
        return Files.writeString(folder.path().resolve(alias + "-key.pem"),
                pem("PRIVATE KEY", store.getKey(alias, PASSWORD).getEncoded()));
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN %s-----%n%s%n-----END %s-----%n".formatted(what,
                Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der), what);
    }
}
