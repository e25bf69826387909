package ephemera.server.channel.webhook;

import ephemera.server.config.Config;
import ephemera.server.config.Networks;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Decides which addresses webhooks may reach, so that nobody has this server call what only this server can reach.
 *
 * <p>Public addresses at the ports 443 and 8443, or 80 for plain HTTP if that is allowed; and networks that the
 * operator lists, at any port. Thread-safe.
 */
public final class Guard {

    /** Everything of IPv4 that is not for everybody (IANA's registry of special-purpose addresses, and multicast). */
    private static final Networks SPECIAL_4 = Networks.of(
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4");

    /** What is given out of IPv6; all else is local, reserved, multicast, or hides an address of IPv4. */
    private static final Networks GLOBAL_6 = Networks.of("2000::/3");

    /** Of that, protocols and tunnels, some of which hide an address of IPv4, and documentation. */
    private static final Networks SPECIAL_6 =
            Networks.of("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

    private static final int LONGEST_URL = 2_000;

    private final Config.Webhooks config;
    private final Names names;

    /** Guards as that configuration says, with the names of this machine's resolver. */
    public Guard(Config.Webhooks config) {
        this(config, InetAddress::getAllByName);
    }

    /** Guards as that configuration says. */
    Guard(Config.Webhooks config, Names names) {
        this.config = config;
        this.names = names;
    }

    /** Where addresses of names come from. */
    interface Names {

        /** All addresses of a host. */
        InetAddress[] of(String host) throws UnknownHostException;
    }

    /** Whether a URL may be called. */
    public sealed interface Verdict {

        /**
         * It may, at these addresses.
         *
         * @param addresses at least one; the connection is made to one of these and not to what the name means later
         */
        record Allowed(List<InetAddress> addresses) implements Verdict {}

        /** Its host has no address at the moment. */
        record Unknown() implements Verdict {}

        /**
         * It may not.
         *
         * @param reason a sentence for the operator
         */
        record Forbidden(String reason) implements Verdict {}
    }

    /** The URL in that text; empty if webhooks cannot be called there, wherever it is. */
    public static Optional<URI> url(String text) {
        if (text.length() > LONGEST_URL) {
            return Optional.empty();
        }
        try {
            URI url = new URI(text);
            boolean usable = ("https".equals(url.getScheme()) || "http".equals(url.getScheme()))
                    && url.getHost() != null
                    // It would be another name to TLS.
                    && !url.getHost().endsWith(".")
                    && url.getRawUserInfo() == null
                    && url.getRawFragment() == null
                    && url.getPort() != 0
                    && url.getPort() <= 65_535
                    && text.equals(url.toASCIIString());
            return usable ? Optional.of(url) : Optional.empty();
        } catch (URISyntaxException _) {
            return Optional.empty();
        }
    }

    /** The port that a URL means. */
    static int port(URI url) {
        return url.getPort() >= 0 ? url.getPort() : isSecure(url) ? 443 : 80;
    }

    static boolean isSecure(URI url) {
        return "https".equals(url.getScheme());
    }

    /** Looks the host of a URL up and judges every address that it has; takes as long as the resolver takes. */
    public Verdict judge(URI url) {
        if (!isSecure(url) && !config.insecure()) {
            return new Verdict.Forbidden("Webhooks are called by https only, unless webhooks.insecure is set.");
        }
        InetAddress[] addresses;
        try {
            addresses = names.of(host(url));
        } catch (UnknownHostException _) {
            return new Verdict.Unknown();
        }
        boolean publicly = isPublicPort(url);
        for (InetAddress address : addresses) {
            if (!config.allow().contain(address) && !(publicly && isPublic(address))) {
                return new Verdict.Forbidden(publicly
                        ? "The host of this URL has the address " + address.getHostAddress()
                                + ", which is not public: webhooks reach it only if webhooks.allow lists its network."
                        : "Webhooks are called at the ports 443 and 8443, or 80 without TLS: others only at addresses"
                                + " that webhooks.allow lists.");
            }
        }
        return addresses.length == 0 ? new Verdict.Unknown() : new Verdict.Allowed(Arrays.asList(addresses));
    }

    /** The host of a URL as a resolver wants it. */
    static String host(URI url) {
        String host = url.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static boolean isPublicPort(URI url) {
        return isSecure(url) ? List.of(443, 8443).contains(port(url)) : port(url) == 80;
    }

    /** Whether everybody can reach an address; one of IPv4 that is written in IPv6 counts as what it is. */
    static boolean isPublic(InetAddress address) {
        return address instanceof Inet4Address
                ? !SPECIAL_4.contain(address)
                : GLOBAL_6.contain(address) && !SPECIAL_6.contain(address);
    }
}
