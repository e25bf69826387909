package ephemera.server.config;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A list of networks, to tell the addresses that are in one of them.
 *
 * @param networks may be none
 */
public record Networks(List<Network> networks) {

    /** Makes the list unchangeable. */
    public Networks {
        networks = List.copyOf(networks);
    }

    /** The networks of those texts, each an address, a slash, and how many bits it has in common with all others. */
    public static Optional<Networks> parse(List<String> texts) {
        List<Network> networks = new ArrayList<>();
        for (String text : texts) {
            Optional<Network> network = Network.parse(text);
            if (network.isEmpty()) {
                return Optional.empty();
            }
            networks.add(network.get());
        }
        return Optional.of(new Networks(networks));
    }

    /**
     * The networks of those texts.
     *
     * @throws IllegalArgumentException if one is none
     */
    public static Networks of(String... texts) {
        return parse(List.of(texts)).orElseThrow(() -> new IllegalArgumentException("not networks"));
    }

    /** Whether the address is in one of them. */
    public boolean contain(InetAddress address) {
        byte[] bytes = address.getAddress();
        return networks.stream().anyMatch(network -> network.contains(bytes));
    }

    /**
     * One network.
     *
     * @param first its first address
     * @param bits how many bits its addresses have in common
     */
    public record Network(InetAddress first, int bits) {

        /** The JDK also reads "10.1", which means 10.0.0.1. */
        private static final Pattern WHOLE = Pattern.compile(".*:.*|[0-9]+(?:\\.[0-9]+){3}");

        /** The network in a text such as {@code 10.0.0.0/8}; a single address is a network of its own. */
        static Optional<Network> parse(String text) {
            String[] parts = text.split("/", -1);
            try {
                InetAddress first = InetAddress.ofLiteral(parts[0]);
                if (!WHOLE.matcher(parts[0]).matches()) {
                    return Optional.empty();
                }
                int length = first.getAddress().length * Byte.SIZE;
                int bits = parts.length == 1 ? length : number(parts[1]);
                return parts.length > 2 || bits > length || bits < 0
                        ? Optional.empty()
                        : Optional.of(new Network(first, bits));
            } catch (IllegalArgumentException _) {
                return Optional.empty();
            }
        }

        private static int number(String text) {
            return text.matches("[0-9]{1,3}") ? Integer.parseInt(text) : -1;
        }

        private boolean contains(byte[] address) {
            byte[] network = first.getAddress();
            if (network.length != address.length) {
                return false;
            }
            int whole = bits / Byte.SIZE;
            for (int i = 0; i < whole; i++) {
                if (network[i] != address[i]) {
                    return false;
                }
            }
            int rest = bits % Byte.SIZE;
            return rest == 0 || ((network[whole] ^ address[whole]) & 0xff) >> (Byte.SIZE - rest) == 0;
        }

        @Override
        public String toString() {
            return first.getHostAddress() + "/" + bits;
        }
    }
}
