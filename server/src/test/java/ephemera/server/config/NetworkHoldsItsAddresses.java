package ephemera.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkHoldsItsAddresses {

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.255.255, true", "10.0.0.0/8, 11.0.0.0, false", "0.0.0.0/0, 255.255.255.255, true",
        "172.16.0.0/12, 172.31.255.255, true", "172.16.0.0/12, 172.32.0.0, false", "192.168.1.7, 192.168.1.7, true",
        "192.168.1.7, 192.168.1.6, false", "192.168.1.6/31, 192.168.1.7, true", "fd00::/8, fdff::1, true",
        "fd00::/8, fe00::1, false", "::/0, 10.0.0.1, false", "0.0.0.0/0, ::1, false",
        "10.0.0.0/8, ::ffff:10.1.1.1, true"
    })
    void andNoOthers(String network, String address, boolean contained) {
        assertThat(Networks.of(network).contain(InetAddress.ofLiteral(address))).isEqualTo(contained);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0/8", "10.0.0.0/", "::/129", "host/8"})
    void orIsNone(String text) {
        assertThat(Networks.parse(List.of(text))).isEmpty();
    }
}
