package ephemera.server.config;

import ephemera.server.config.Setting.Exposure;
import ephemera.server.config.Setting.Fallback;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Every setting there is, in the order of the example file. */
final class Settings {

    private static final List<Setting<?>> DECLARED = new ArrayList<>();

    static final Setting<Path> DATA = declare("data", Kind.path(), "./data",
            "The folder of everything that the server keeps: the bundled database, attachments, keys. "
                    + "It cannot be set in the file ephemera.yaml that lies in this very folder.");

    static final Setting<String> HTTP_HOST = declare("http.host", Kind.host(), "127.0.0.1",
            "The network interface that serves clients; 0.0.0.0 or :: for all of them.");
    static final Setting<Integer> HTTP_PORT = declare("http.port", Kind.port(), "8080",
            "The TCP port that serves clients; 0 takes any free one.");
    static final Setting<Path> HTTP_TLS_CERTIFICATE =
            declareUnset("http.tls.certificate", Kind.path(), "none, plain HTTP", "/etc/ephemera/tls/fullchain.pem",
                    Exposure.PUBLIC,
                    "The PEM file with the certificate and its chain; turns TLS on, together with http.tls.key.");
    static final Setting<Path> HTTP_TLS_KEY =
            declareUnset("http.tls.key", Kind.path(), "none, plain HTTP", "/etc/ephemera/tls/privkey.pem",
                    Exposure.PUBLIC, "The PEM file with the private key (PKCS#8) of http.tls.certificate.");
    static final Setting<Boolean> HTTP_INSECURE = declare("http.insecure", Kind.bool(), "false",
            "Whether plain HTTP may be served to other machines; "
                    + "set it only behind a proxy that ends TLS, since passwords and messages pass in clear.");
    static final Setting<String> HTTP_PUBLIC_URL =
            declareUnset("http.public-url", Kind.webUrl(), "what follows from http.host, http.port and http.tls",
                    "https://chat.example.org", Exposure.PUBLIC,
                    "Where clients reach this server, if that is not the address that it listens on: behind a proxy, "
                            + "or with a certificate for a name. Links to pictures and files begin with it.");
    static final Setting<Networks> HTTP_TRUSTED_PROXIES =
            declareUnset("http.trusted-proxies", Kind.networks(), "none, the header is ignored", "10.1.2.3/32",
                    Exposure.PUBLIC,
                    "The proxies in front of this server: for connections from them, the client's address is taken "
                            + "from X-Forwarded-For. Name nothing else, since what is in these networks can choose the "
                            + "address that its failed sign-ins are counted under.");
    static final Setting<Origins> HTTP_CORS_ORIGINS = declare("http.cors.origins", Kind.origins(), "*",
            "The web origins whose pages may call this server from a browser; with * any origin is allowed and echoed, "
                    + "with an empty value none is.");

    static final Setting<String> MANAGEMENT_HOST = declare("management.host", Kind.host(), "127.0.0.1",
            "The network interface that serves /metrics and /health to the people who run the server; "
                    + "it asks for no credentials.");
    static final Setting<Integer> MANAGEMENT_PORT =
            declareUnset("management.port", Kind.port(), "http.port + 1, or any free one if http.port is 0", "8081",
                    Exposure.PUBLIC, "The TCP port of /metrics and /health; 0 takes any free one.");

    static final Setting<String> DATABASE_URL =
            declareUnset("database.url", Kind.databaseUrl(), "none, the bundled PostgreSQL is started",
                    "jdbc:postgresql://db.example.org:5432/ephemera", Exposure.PUBLIC_WHEN_VALID,
                    "The PostgreSQL to use instead of the bundled one.");
    static final Setting<String> DATABASE_USER =
            declareUnset("database.user", Kind.text(), "the user that runs the server", "ephemera", Exposure.PUBLIC,
                    "The role to sign in to database.url with.");
    static final Setting<Secret> DATABASE_PASSWORD =
            declareUnset("database.password", Kind.secret(), "none", "\"change me\"", Exposure.SECRET,
                    "The password of database.user; better given as the environment variable than in a file.");
    static final Setting<Integer> DATABASE_POOL = declare("database.pool", Kind.whole(2, 500), "10",
            "The largest number of connections to the database that this server holds.");

    static final Setting<Duration> MESSAGE_LIFESPAN_DEFAULT =
            declare("message.lifespan.default", Kind.minutes("1m", "36500d"), "30d",
                    "How long a message of a new organization lives if its sender does not say.");
    static final Setting<Duration> MESSAGE_LIFESPAN_MIN =
            declare("message.lifespan.min", Kind.minutes("1m", "36500d"), "1m",
                    "The shortest lifespan that a sender of a new organization may choose.");
    static final Setting<Duration> MESSAGE_LIFESPAN_MAX =
            declare("message.lifespan.max", Kind.minutes("1m", "36500d"), "365d",
                    "The longest lifespan that a sender of a new organization may choose.");

    static final Setting<Duration> VAULT_SLICE_SHORT = declare("vault.slice.short", Kind.seconds("1s", "1h"), "5m",
            "How long after its end a message with a lifespan up to a day can still be decrypted, at most: at the end "
                    + "of each such slice of time its keys are destroyed.");
    static final Setting<Duration> VAULT_SLICE_LONG = declare("vault.slice.long", Kind.seconds("1s", "1d"), "1h",
            "The same for messages with a longer lifespan.");
    static final Setting<Duration> VAULT_EPOCH_NARROWEST =
            declare("vault.epoch.narrowest", Kind.seconds("1s", "1h"), "5m",
                    "How wide the narrowest epochs are, those of lifespans up to an hour: at the end of an epoch the "
                            + "rows and files of its messages are removed as a whole.");
    static final Setting<Duration> VAULT_EARLY_DEATH = declare("vault.early-death", Kind.seconds("1s", "1d"), "1h",
            "How long after a message was read or recalled it can still be decrypted from a backup, at most.");
    static final Setting<Path> VAULT_KEYS_FOLDER =
            declareUnset("vault.keys.folder", Kind.path(), "the folder keys in the data folder", "/mnt/keys/ephemera",
                    Exposure.PUBLIC,
                    "Where the keys are kept; best on another disk than the data, and never in a backup of it.");
    static final Setting<String> VAULT_KEYS_URL =
            declareUnset("vault.keys.url", Kind.databaseUrl(), "none, the keys are files",
                    "jdbc:postgresql://keys.example.org:5432/ephemera_keys", Exposure.PUBLIC_WHEN_VALID,
                    "The PostgreSQL database that keeps the keys of several servers; another one than database.url.");
    static final Setting<String> VAULT_KEYS_USER =
            declareUnset("vault.keys.user", Kind.text(), "the user that runs the server", "ephemera", Exposure.PUBLIC,
                    "The role to sign in to vault.keys.url with.");
    static final Setting<Secret> VAULT_KEYS_PASSWORD =
            declareUnset("vault.keys.password", Kind.secret(), "none", "\"change me\"", Exposure.SECRET,
                    "The password of vault.keys.user; better given as the environment variable than in a file.");
    static final Setting<Path> VAULT_ROOT_FILE =
            declareUnset("vault.root.file", Kind.path(), "the file root.key beside the keys", "/mnt/keys/root.key",
                    Exposure.PUBLIC, "The file with the root key, under which all keys are wrapped: 32 bytes.");
    static final Setting<Secret> VAULT_ROOT_KEY =
            declareUnset("vault.root.key", Kind.secret(), "none, the root key is in a file", "\"32 bytes in Base64\"",
                    Exposure.SECRET,
                    "The root key itself, in Base64, instead of one in a file or wrapped by a service; meant to be "
                            + "given as an environment variable.");
    static final Setting<String> VAULT_ROOT_KMS =
            declareUnset("vault.root.kms", Kind.text(), "none, the root key is in a file",
                    "aws-kms://arn:aws:kms:eu-central-1:123456789012:key/1234", Exposure.PUBLIC,
                    "The key of a key management service that the root key is wrapped with, as a Tink URI; the "
                            + "vendor's Tink extension has to be on the class path.");

    static final Setting<Path> VAULT_ROOT_CREDENTIALS =
            declareUnset("vault.root.credentials", Kind.path(), "what the vendor's library finds by itself",
                    "/etc/ephemera/kms.json", Exposure.PUBLIC,
                    "The file with the credentials for the key management service of vault.root.kms.");

    static final Setting<Size> LIMITS_BODY = declare("limits.body", Kind.size("1B", "16MB"), "64KB",
            "The longest text of a message, in bytes of UTF-8.");
    static final Setting<Size> LIMITS_REQUEST = declare("limits.request", Kind.size("1KB", "64MB"), "1MB",
            "The largest body of a request, attachments aside.");
    static final Setting<Size> LIMITS_ATTACHMENT = declare("limits.attachment", Kind.size("1KB", "100GB"), "100MB",
            "The largest attachment.");
    static final Setting<Size> LIMITS_UPLOADS_PER_PERSON =
            declare("limits.uploads-per-person", Kind.size("4KB", "100000GB"), "1GB",
                    "How much may wait of files that one person has uploaded for applications' messages and that no "
                            + "message has taken yet. A file counts 4 KB at least.");
    static final Setting<Size> LIMITS_UPLOADS_PER_CLIENT =
            declare("limits.uploads-per-client", Kind.size("4KB", "100000GB"), "20GB",
                    "How much may wait of such files that came through one application, for all people whom it acts "
                            + "for.");
    static final Setting<Integer> LIMITS_GROUP_MEMBERS =
            declare("limits.group-members", Kind.whole(2, 1_000_000), "10000",
                    "The largest number of members of a group.");
    static final Setting<Integer> LIMITS_TOPIC_MEMBERS =
            declare("limits.topic-members", Kind.whole(1, 10_000), "250",
                    "The largest number of members of an organization who all take part in its applications' "
                            + "conversations from their beginning. In larger organizations these are the "
                            + "administrators, owners, bookkeepers and the author; others join by writing.");
    static final Setting<Integer> LIMITS_STREAMS_PER_PERSON =
            declare("limits.streams-per-person", Kind.whole(1, 10_000), "50",
                    "The largest number of event streams that one person has open on this server.");
    static final Setting<Integer> LIMITS_STREAM_BUFFER =
            declare("limits.stream-buffer", Kind.whole(16, 1_000_000), "1000",
                    "The number of events that wait for a slow reader in memory before the stream reads from the "
                            + "database again.");

    static final Setting<Boolean> WEBHOOKS_INSECURE = declare("webhooks.insecure", Kind.bool(), "false",
            "Whether webhooks may be called by plain HTTP; messages then pass in clear.");
    static final Setting<Networks> WEBHOOKS_ALLOW =
            declareUnset("webhooks.allow", Kind.networks(), "none, webhooks reach public addresses only",
                    "10.1.2.0/24", Exposure.PUBLIC,
                    "The networks that webhooks may reach besides public addresses, at any port there: everybody who "
                            + "may make a webhook can have this server call whatever is in them.");

    static final Setting<Level> LOG_LEVEL = declare("log.level",
            Kind.choice(Map.of("error", Level.ERROR, "warning", Level.WARNING, "info", Level.INFO,
                    "debug", Level.DEBUG, "trace", Level.TRACE), "error", "warning", "info", "debug", "trace"),
            "info",
            "How much is logged; message contents and secrets are logged at no level.");
    static final Setting<Config.LogFormat> LOG_FORMAT = declare("log.format",
            Kind.choice(Map.of("text", Config.LogFormat.TEXT, "json", Config.LogFormat.JSON), "text", "json"), "text",
            "The form of the lines on standard error: text for people, json for collectors.");

    private Settings() {}

    /** Returns every setting, in the order of the declarations. */
    static List<Setting<?>> all() {
        return Collections.unmodifiableList(DECLARED);
    }

    /** Finds the setting that a file or the command line calls by this key. */
    static Optional<Setting<?>> named(String key) {
        return DECLARED.stream().<Setting<?>>map(s -> s).filter(s -> s.key().equals(key)).findFirst();
    }

    private static <T> Setting<T> declare(String key, Kind<T> kind, String text, String documentation) {
        return declared(new Setting<>(key, kind, new Fallback.Text(text), Exposure.PUBLIC, documentation));
    }

    private static <T> Setting<T> declareUnset(
            String key, Kind<T> kind, String meaning, String example, Exposure exposure, String documentation) {
        return declared(new Setting<>(key, kind, new Fallback.Unset(meaning, example), exposure, documentation));
    }

    private static <T> Setting<T> declared(Setting<T> setting) {
        DECLARED.add(setting);
        return setting;
    }
}
