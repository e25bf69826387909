package ephemera.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.http.HttpClient;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The server trusts 127.0.0.2, and no other address of this machine. */
@Timeout(180)
class ClientsBehindAProxyAreLimitedOneByOne {

    private static final OneServer SERVER = OneServer.get();
    private static final String RIGHT = "correct: horse: battery";
    private static final int PASSWORDS = 10;
    private static final int SECRETS = 50;

    private final HttpClient proxy = from("127.0.0.2");
    private final HttpClient stranger = from("127.0.0.3");
    private final OneServer.Member bob = SERVER.member(SERVER.clinic(), "Bob");

    private static HttpClient from(String address) {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .localAddress(InetAddress.ofLiteral(address))
                .build();
    }

    @BeforeEach
    void bobHasAPassword() {
        SERVER.setPassword(bob, RIGHT);
    }

    @AfterEach
    void hangUp() {
        proxy.shutdownNow();
        stranger.shutdownNow();
    }

    /** The status of a sign-in, with lines of the header that name the client. */
    private int login(HttpClient connection, String password, String... lines) {
        Request request = new Request(connection, SERVER.url(), "POST", "/v2/login")
                .with("Authorization", OneServer.password(bob.email(), password))
                .json("{}");
        for (String line : lines) {
            request = request.with("X-Forwarded-For", line);
        }
        return request.send().status();
    }

    @Test
    void whoGuessesLocksOutNobodyElse() {
        for (int i = 0; i < PASSWORDS; i++) {
            assertThat(login(proxy, "wrong", "198.51.100.1")).isEqualTo(401);
        }
        assertThat(login(proxy, RIGHT, "198.51.100.1")).isEqualTo(429);
        assertThat(login(proxy, RIGHT, "198.51.100.2")).as("another client").isEqualTo(200);
        assertThat(login(proxy, RIGHT)).as("the proxy itself").isEqualTo(200);
    }

    @Test
    void orGetsOutOfItByNamingOthers() {
        for (int i = 0; i < PASSWORDS; i++) {
            assertThat(login(proxy, "wrong", "192.0.2." + i + ", 198.51.100.3")).isEqualTo(401);
        }
        assertThat(login(proxy, RIGHT, "192.0.2.99", "198.51.100.3, 127.0.0.2")).isEqualTo(429);
        assertThat(login(proxy, RIGHT, "198.51.100.3", "192.0.2.99")).as("another client").isEqualTo(200);
    }

    @Test
    void orByTheManyAddressesThatOneHasInIpv6() {
        for (int i = 0; i < PASSWORDS; i++) {
            assertThat(login(proxy, "wrong", "2001:db8:1:2:%x::1".formatted(i))).isEqualTo(401);
        }
        assertThat(login(proxy, RIGHT, "2001:db8:1:2:3:4:5:6")).isEqualTo(429);
        assertThat(login(proxy, RIGHT, "2001:db8:1:3::1")).as("another network").isEqualTo(200);
    }

    @Test
    void whoIsNoProxyCannotChooseAnAddress() {
        for (int i = 0; i < PASSWORDS; i++) {
            assertThat(login(stranger, "wrong", "198.51.100." + (10 + i))).isEqualTo(401);
        }
        assertThat(login(stranger, RIGHT, "198.51.100.99")).isEqualTo(429);
        assertThat(login(proxy, RIGHT, "198.51.100.10")).as("who was named").isEqualTo(200);
    }

    /** The same for keys, whose calls are judged elsewhere than sign-ins. */
    @Test
    void secretsAreGuessedAtTheOwnExpenseToo() {
        String guess = OneServer.basic(bob.keys().key(), UUID.randomUUID().toString());
        for (int i = 0; i < SECRETS; i++) {
            assertThat(me(guess, "198.51.100.4")).isEqualTo(401);
        }
        assertThat(me(guess, "198.51.100.4")).isEqualTo(429);
        assertThat(me(guess, "198.51.100.5")).as("another client").isEqualTo(401);
    }

    private int me(String authorization, String client) {
        return new Request(proxy, SERVER.url(), "GET", "/v2/user")
                .with("Authorization", authorization)
                .with("X-Forwarded-For", client)
                .send()
                .status();
    }
}
