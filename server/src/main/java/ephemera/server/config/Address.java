package ephemera.server.config;

import java.net.InetAddress;
import java.util.Optional;

/** What follows from the host that a server listens on. */
final class Address {

    private Address() {}

    /**
     * Tells whether only this machine can reach the host.
     *
     * <p>Names other than {@code localhost} are not looked up and count as reachable: a name can change its address
     * after the start.
     */
    static boolean isLoopback(String host) {
        return host.equalsIgnoreCase("localhost") || literal(host).filter(InetAddress::isLoopbackAddress).isPresent();
    }

    /** Returns a URL that reaches the host from this machine. */
    static String url(String scheme, String host, int port) {
        boolean everywhere = literal(host).filter(InetAddress::isAnyLocalAddress).isPresent();
        String name = everywhere ? "localhost" : host.contains(":") ? "[" + host + "]" : host;
        return scheme + "://" + name + ":" + port;
    }

    private static Optional<InetAddress> literal(String host) {
        try {
            return Optional.of(InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
