package ephemera.server.config;

import ephemera.core.Lifespan;
import ephemera.core.directory.Policy;
import ephemera.core.vault.Grid;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The configuration of one server: valid as a whole, immutable, without a secret in its text.
 *
 * @param data the folder of everything that the server keeps, absolute; may not exist yet
 * @param http the address that serves clients
 * @param management the address that serves metrics and health
 * @param database the PostgreSQL to use
 * @param lifespans what a new organization's policy starts with
 * @param vault how messages are sealed and when their keys are destroyed
 * @param limits the bounds of what one request, person or group may take
 * @param webhooks where webhooks may be
 * @param log what is logged, and in which form
 * @param effective every value in effect, as a configuration file with the origin of each beside it and no secret
 */
public record Config(
        Path data,
        Http http,
        Management management,
        Database database,
        Lifespans lifespans,
        Vault vault,
        Limits limits,
        Webhooks webhooks,
        Log log,
        String effective) {

    /**
     * Reads the configuration: defaults, then a file, the environment and the command line, the later ones winning.
     *
     * <p>A relative path counts from the folder of the file that it stands in, elsewhere from the working directory.
     *
     * @param file the file that {@code --config} names; if empty, {@code ephemera.yaml} in the data folder is read, if
     *     there is one
     * @param environment the environment variables; of those, the ones that start with {@code EPHEMERA_} count
     * @param overrides values from the command line, by key
     * @throws ephemera.server.StartFailure if a key is unknown or a value wrong, or if values contradict each other
     */
    public static Config load(Optional<Path> file, Map<String, String> environment, Map<String, String> overrides) {
        return ConfigReader.read(new Values(Sources.read(file, environment, overrides)));
    }

    /**
     * The address that serves clients.
     *
     * @param host the interface to listen on
     * @param port the TCP port, 0 for any free one
     * @param tls what TLS needs; empty for plain HTTP
     * @param publicUrl where clients reach the server, without a path or a slash at the end; empty if it is the address
     *     that is listened on
     * @param trustedProxies the networks of the proxies that are believed when they say who calls
     * @param origins the web origins that may call from a browser
     */
    public record Http(
            String host, int port, Optional<Tls> tls, Optional<String> publicUrl, Networks trustedProxies,
            Origins origins) {

        /**
         * Returns the address that a person on this machine can call, without a path.
         *
         * @param actualPort the port that is listened on, for the case that any free one was asked for
         */
        public String url(int actualPort) {
            String scheme = tls.isPresent() ? "https" : "http";
            return Address.url(scheme, host, actualPort);
        }
    }

    /**
     * What TLS needs.
     *
     * @param certificate a readable PEM file with the certificate and its chain
     * @param key a readable PEM file with the private key
     */
    public record Tls(Path certificate, Path key) {}

    /**
     * The address that serves metrics and health.
     *
     * @param port the TCP port, 0 for any free one
     */
    public record Management(String host, int port) {

        /** Returns the address that a person on this machine can call, without a path. */
        public String url(int actualPort) {
            return Address.url("http", host, actualPort);
        }
    }

    /** The PostgreSQL to use. */
    public sealed interface Database {

        /** Returns the largest number of connections that this server holds. */
        int pool();

        /** The one that this server brings along, starts and watches. */
        record Bundled(int pool) implements Database {}

        /**
         * One that somebody else runs.
         *
         * @param url a JDBC URL without credentials
         */
        record External(String url, Optional<String> user, Optional<Secret> password, int pool) implements Database {}
    }

    /**
     * What a new organization's policy starts with: whole minutes, and {@code min <= initial <= max}.
     *
     * @param initial the lifespan of a message whose sender does not say
     */
    public record Lifespans(Duration initial, Duration min, Duration max) {

        /** Returns the policy that a new organization starts with. */
        public Policy policy() {
            Policy standard = Policy.DEFAULT;
            return new Policy(
                    Lifespan.of(initial),
                    Lifespan.of(min),
                    Lifespan.of(max),
                    standard.deleteOnRead(),
                    standard.forwarding(),
                    standard.attachments(),
                    standard.kept(),
                    standard.strict());
        }
    }

    /**
     * How messages are sealed, and when their keys are destroyed.
     *
     * @param shortSlice how wide slices are for lifespans up to a day
     * @param longSlice how wide slices are for longer lifespans
     * @param narrowestEpoch how wide the narrowest epochs are
     * @param earlyDeath how long after its early end a message can be decrypted from a backup, at most
     * @param keys where the keys are
     * @param root where the key is that wraps them
     */
    public record Vault(
            Duration shortSlice,
            Duration longSlice,
            Duration narrowestEpoch,
            Duration earlyDeath,
            Keys keys,
            Root root) {

        /** Returns how time is cut. */
        public Grid grid() {
            return new Grid(shortSlice, longSlice, narrowestEpoch);
        }
    }

    /** Where keys are kept. */
    public sealed interface Keys {

        /** In a folder of this machine. */
        record Folder(Path folder) implements Keys {}

        /**
         * In a PostgreSQL database of their own.
         *
         * @param url a JDBC URL without credentials
         */
        record Postgres(String url, Optional<String> user, Optional<Secret> password) implements Keys {}
    }

    /** Where the key is that wraps all keys. */
    public sealed interface Root {

        /**
         * In a file.
         *
         * @param file the file
         * @param standard whether nobody chose it: then it is made if there are no keys yet
         */
        record File(Path file, boolean standard) implements Root {}

        /** Given, in Base64. */
        record Given(Secret key) implements Root {}

        /**
         * Wrapped by a key management service.
         *
         * @param uri the service's key
         * @param file where the wrapped key is
         * @param credentials for the service; empty for those that the vendor's library finds by itself
         */
        record Kms(String uri, Path file, Optional<Path> credentials) implements Root {}
    }

    /**
     * The bounds of what one request, person or group may take.
     *
     * @param body the longest text of a message
     * @param request the largest body of a request, attachments aside; at least {@code body}
     * @param attachment the largest attachment; at most {@code uploadsPerPerson}
     * @param uploadsPerPerson how much may wait of files of one person; at most {@code uploadsPerClient}
     * @param uploadsPerClient how much may wait of files that came through one application
     * @param groupMembers the largest group
     * @param topicMembers the most members of an organization who take part in its new topics
     * @param streamsPerPerson the most event streams of one person
     * @param streamBuffer the events that wait for a slow reader in memory
     */
    public record Limits(
            Size body, Size request, Size attachment, Size uploadsPerPerson, Size uploadsPerClient, int groupMembers,
            int topicMembers, int streamsPerPerson, int streamBuffer) {}

    /**
     * Where webhooks may be.
     *
     * @param insecure whether plain HTTP will do
     * @param allow the networks that may be reached although they are not public
     */
    public record Webhooks(boolean insecure, Networks allow) {}

    /** What is logged, and in which form. */
    public record Log(Level level, LogFormat format) {}

    /** The form of log lines. */
    public enum LogFormat {
        /** Lines for people: time, level, logger, message, then {@code key=value}. */
        TEXT,
        /** One JSON object a line. */
        JSON
    }
}
