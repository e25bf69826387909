package ephemera.server.http;

import ephemera.server.config.Networks;
import io.vertx.core.http.HttpServerRequest;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a request comes from, as the limits on failed sign-ins count it.
 *
 * <p>That is the address of the connection. If it is a trusted proxy's, it is what the proxy says of its client in
 * {@code X-Forwarded-For}: each proxy adds the address of its own other side at the end, so the list is read from there
 * for as long as the one who wrote an entry is trusted, and the first address that is no trusted proxy's counts. What
 * stands before it may be made up by the client, and is not read. An entry that is no address ends the reading, and the
 * proxy that wrote it counts.
 *
 * <p>{@code Forwarded} (RFC 7239) is not read: a proxy replaces or completes the header that it knows and passes the
 * other one on as the client has sent it, so a server that believed both would believe clients. The one that every
 * proxy in use writes is {@code X-Forwarded-For}.
 *
 * <p>Addresses of IPv6 count by their first 64 bits: whoever has one has all that begin with these (RFC 4291, section
 * 2.5.4), and could use a new one for each attempt. Thread-safe.
 */
final class TrustedProxies {

    private static final String HEADER = "X-Forwarded-For";

    /** More proxies in a row than anybody has; bounds the work that one request can cause. */
    private static final int MOST = 16;

    private static final int GROUPS_OF_A_NETWORK = 4;

    /**
     * An address with or without a port, as proxies write it. The JDK alone would also read {@code 10.1} as an address.
     */
    private static final Pattern ENTRY = Pattern.compile("""
            (?<four>[0-9]{1,3}(?:\\.[0-9]{1,3}){3})(?::[0-9]{1,5})?\
            |\\[(?<bracketed>[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,40})(?:%[0-9A-Za-z._~-]{1,32})?](?::[0-9]{1,5})?\
            |(?<bare>[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,40})(?:%[0-9A-Za-z._~-]{1,32})?""");

    private final Networks trusted;

    /** Believes the proxies in those networks, and nobody else. */
    TrustedProxies(Networks trusted) {
        this.trusted = trusted;
    }

    /** Where a request comes from; empty text if its connection was gone before anybody asked. */
    String origin(HttpServerRequest request) {
        String peer = request.remoteAddress() == null ? null : request.remoteAddress().hostAddress();
        if (peer == null) {
            return "";
        }
        if (trusted.networks().isEmpty()) {
            // Mostly: an address of IPv4 counts as it is.
            return peer.indexOf(':') < 0 ? peer : origin(peer, List.of());
        }
        return origin(peer, request.headers().getAll(HEADER));
    }

    /**
     * Where a request comes from.
     *
     * @param peer the address of the connection
     * @param lines the values of all the header's lines, in their order
     */
    String origin(String peer, List<String> lines) {
        return address(peer).map(connected -> counted(client(connected, lines))).orElse(peer);
    }

    private InetAddress client(InetAddress peer, List<String> lines) {
        // Several lines mean the same as one with commas (RFC 9110, section 5.3).
        String list = String.join(",", lines);
        InetAddress client = peer;
        int end = list.length();
        for (int hop = 0; hop < MOST && end >= 0 && trusted.contain(client); hop++) {
            int comma = list.lastIndexOf(',', end - 1);
            Optional<InetAddress> said = address(list.substring(comma + 1, end).strip());
            if (said.isEmpty()) {
                return client;
            }
            client = said.get();
            end = comma;
        }
        return client;
    }

    /** The address in a text; an IPv4 address in the form of IPv6 is one of IPv4. */
    private static Optional<InetAddress> address(String text) {
        Matcher entry = ENTRY.matcher(text);
        if (!entry.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(entry.group("four"))
                    .or(() -> Optional.ofNullable(entry.group("bracketed")))
                    .or(() -> Optional.ofNullable(entry.group("bare")))
                    .map(InetAddress::ofLiteral);
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static String counted(InetAddress address) {
        String text = address.getHostAddress();
        return address instanceof Inet6Address
                ? String.join(":", Arrays.asList(text.split(":", -1)).subList(0, GROUPS_OF_A_NETWORK)) + "::/64"
                : text;
    }
}
