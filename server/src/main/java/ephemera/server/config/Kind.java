package ephemera.server.config;

import java.net.InetAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A kind of value: what is expected, in words, and the way from text to type.
 *
 * @param expected what a value must be, as it stands after "must be"
 * @param list whether a file may give the value as a list
 * @param parser gives empty for a text that is not of this kind; never throws
 */
record Kind<T>(String expected, boolean list, Function<String, Optional<T>> parser) {

    private static final Pattern WHOLE = Pattern.compile("[0-9]{1,9}");
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");
    private static final Pattern ADDRESS_CHARACTERS = Pattern.compile("[0-9.]+|[0-9a-fA-F.]*:[0-9a-fA-F:.]*");
    // The last part starts with a letter: what looks like an IPv4 address must be one.
    private static final Pattern HOST_NAME =
            Pattern.compile("(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\\.)*[A-Za-z][A-Za-z0-9-]{0,62}\\.?");
    // Neither "user@host" nor a parameter that names a user or a password: those have settings of their own.
    private static final Pattern DATABASE_URL =
            Pattern.compile("jdbc:postgresql:(?!.*[?&](?i:user|password|sslpassword)=)[^@\\s]+");

    private static final Pattern WEB_URL =
            Pattern.compile("https?://(?:[A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}])(?::[1-9][0-9]{0,4})?");

    private static <T> Kind<T> of(String expected, Function<String, Optional<T>> parser) {
        return new Kind<>(expected, false, parser);
    }

    /** A path; what a relative one counts from is decided by where it was given. */
    static Kind<Path> path() {
        return of("the path of a file or folder", text -> {
            try {
                return text.isBlank() ? Optional.empty() : Optional.of(Path.of(text));
            } catch (InvalidPathException _) {
                return Optional.empty();
            }
        });
    }

    /** The name or address of a network interface to listen on. */
    static Kind<String> host() {
        return of("a host name or an IP address, without a port",
                text -> isAddress(text) || HOST_NAME.matcher(text).matches() ? Optional.of(text) : Optional.empty());
    }

    private static boolean isAddress(String text) {
        if (!ADDRESS_CHARACTERS.matcher(text).matches()) {
            return false;
        }
        try {
            InetAddress.ofLiteral(text);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /** A TCP port; 0 takes any free one. */
    static Kind<Integer> port() {
        return whole(0, 65535);
    }

    /** A whole number within bounds, both included. */
    static Kind<Integer> whole(int smallest, int largest) {
        return of("a whole number from " + smallest + " to " + largest, text -> WHOLE.matcher(text).matches()
                ? Optional.of(Integer.valueOf(text)).filter(n -> n >= smallest && n <= largest)
                : Optional.empty());
    }

    /** Yes or no. */
    static Kind<Boolean> bool() {
        return choice(Map.of("true", true, "false", false), "true", "false");
    }

    /** One of the given words, named in the given order. */
    static <T> Kind<T> choice(Map<String, T> values, String... words) {
        return of("one of " + String.join(", ", words), text -> Optional.ofNullable(values.get(text)));
    }

    /** A whole number of minutes within bounds, both included, written in any unit of time. */
    static Kind<Duration> minutes(String shortest, String longest) {
        Duration least = duration(shortest).orElseThrow();
        Duration most = duration(longest).orElseThrow();
        return of("whole minutes from " + shortest + " to " + longest + ", in one of the units ms, s, m, h, d (such as"
                + " 15m)",
                text -> duration(text)
                        .filter(d -> d.compareTo(least) >= 0 && d.compareTo(most) <= 0)
                        .filter(d -> d.toMillis() % 60_000 == 0));
    }

    /** A whole number of seconds within bounds, both included, written in any unit of time. */
    static Kind<Duration> seconds(String shortest, String longest) {
        Duration least = duration(shortest).orElseThrow();
        Duration most = duration(longest).orElseThrow();
        return of("whole seconds from " + shortest + " to " + longest + ", in one of the units ms, s, m, h, d (such as"
                + " 15m)",
                text -> duration(text)
                        .filter(d -> d.compareTo(least) >= 0 && d.compareTo(most) <= 0)
                        .filter(d -> d.toMillis() % 1_000 == 0));
    }

    private static Optional<Duration> duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long number = Long.parseLong(matcher.group(1));
        return Optional.of(switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            case "d" -> Duration.ofDays(number);
            default -> throw new IllegalStateException("a unit of the pattern without a meaning");
        });
    }

    /** A number of bytes within bounds, both included. */
    static Kind<Size> size(String smallest, String largest) {
        Size least = Size.parse(smallest).orElseThrow();
        Size most = Size.parse(largest).orElseThrow();
        return of("a size from " + smallest + " to " + largest + ", in one of the units B, KB, MB, GB (such as 10MB)",
                text -> Size.parse(text).filter(s -> s.compareTo(least) >= 0 && s.compareTo(most) <= 0));
    }

    /** A list of web origins, or any. */
    static Kind<Origins> origins() {
        return new Kind<>("* for any origin, or a list of origins such as https://chat.example.org", true,
                text -> Origins.parse(entries(text)));
    }

    /** Where a web server is reached. */
    static Kind<String> webUrl() {
        return of("a URL such as https://chat.example.org, without a path or a slash at the end",
                text -> WEB_URL.matcher(text).matches() ? Optional.of(text) : Optional.empty());
    }

    /** A list of networks, which may be empty. */
    static Kind<Networks> networks() {
        return new Kind<>("a list of networks such as 10.0.0.0/8, or addresses", true,
                text -> Networks.parse(entries(text)));
    }

    private static List<String> entries(String text) {
        return text.isBlank() ? List.of() : Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    }

    /** Where a PostgreSQL is reached, without the credentials. */
    static Kind<String> databaseUrl() {
        return of("a JDBC URL such as jdbc:postgresql://db.example.org:5432/ephemera, without a user or a password in"
                + " it",
                text -> DATABASE_URL.matcher(text).matches() ? Optional.of(text) : Optional.empty());
    }

    /** Any text that is not empty. */
    static Kind<String> text() {
        return of("a text that is not empty", text -> text.isEmpty() ? Optional.empty() : Optional.of(text));
    }

    /** Any text that is not empty and must not be shown. */
    static Kind<Secret> secret() {
        return of("a text that is not empty",
                text -> text.isEmpty() ? Optional.empty() : Optional.of(new Secret(text)));
    }
}
