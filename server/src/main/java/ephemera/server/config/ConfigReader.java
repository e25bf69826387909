package ephemera.server.config;

import ephemera.server.StartFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Turns single values into a configuration, and refuses those that contradict each other. */
final class ConfigReader {

    private final Values values;

    private ConfigReader(Values values) {
        this.values = values;
    }

    /** Reads every setting there is. */
    static Config read(Values values) {
        return new ConfigReader(values).config();
    }

    private Config config() {
        Path data = values.path(Settings.DATA);
        Config.Http http = http();
        Config.Management management = management(http);
        Config.Database database = database();
        Config.Lifespans lifespans = lifespans();
        Config.Vault vault = vault(data);
        Config.Limits limits = limits();
        Config.Webhooks webhooks = new Config.Webhooks(
                values.get(Settings.WEBHOOKS_INSECURE),
                values.find(Settings.WEBHOOKS_ALLOW).orElse(Networks.of()));
        Config.Log log = new Config.Log(values.get(Settings.LOG_LEVEL), values.get(Settings.LOG_FORMAT));
        return new Config(
                data, http, management, database, lifespans, vault, limits, webhooks, log, values.describe());
    }

    private Config.Http http() {
        Config.Http http = new Config.Http(
                values.get(Settings.HTTP_HOST),
                values.get(Settings.HTTP_PORT),
                tls(),
                values.find(Settings.HTTP_PUBLIC_URL),
                trustedProxies(),
                values.get(Settings.HTTP_CORS_ORIGINS));
        boolean insecure = values.get(Settings.HTTP_INSECURE);
        if (http.tls().isEmpty() && !Address.isLoopback(http.host()) && !insecure) {
            throw new StartFailure(values.where(Settings.HTTP_HOST) + " is " + http.host()
                    + ", which other machines may reach, and plain HTTP would carry passwords in clear: set "
                    + Settings.HTTP_TLS_CERTIFICATE.key() + " and " + Settings.HTTP_TLS_KEY.key()
                    + ", or, behind a proxy that ends TLS, " + Settings.HTTP_INSECURE.key() + ": true.");
        }
        return http;
    }

    private Networks trustedProxies() {
        Networks proxies = values.find(Settings.HTTP_TRUSTED_PROXIES).orElse(Networks.of());
        if (proxies.networks().stream().anyMatch(network -> network.bits() == 0)) {
            throw new StartFailure(values.where(Settings.HTTP_TRUSTED_PROXIES)
                    + " has every address in it, so each client could choose the address that its failed sign-ins are"
                    + " counted under; name the proxies alone.");
        }
        return proxies;
    }

    private Optional<Config.Tls> tls() {
        Optional<Path> certificate = values.findPath(Settings.HTTP_TLS_CERTIFICATE);
        Optional<Path> key = values.findPath(Settings.HTTP_TLS_KEY);
        if (certificate.isPresent() != key.isPresent()) {
            Setting<Path> set = certificate.isPresent() ? Settings.HTTP_TLS_CERTIFICATE : Settings.HTTP_TLS_KEY;
            Setting<Path> missing = certificate.isPresent() ? Settings.HTTP_TLS_KEY : Settings.HTTP_TLS_CERTIFICATE;
            throw new StartFailure(values.where(set) + " is set but " + missing.key()
                    + " is not; TLS needs both, plain HTTP neither.");
        }
        certificate.ifPresent(file -> readable(Settings.HTTP_TLS_CERTIFICATE, file));
        key.ifPresent(file -> readable(Settings.HTTP_TLS_KEY, file));
        return certificate.flatMap(c -> key.map(k -> new Config.Tls(c, k)));
    }

    private void readable(Setting<Path> setting, Path file) {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new StartFailure(values.where(setting) + " names " + Quoted.of(file.toString())
                    + ", which is not a file that this user can read; name a PEM file that is.");
        }
    }

    private Config.Management management(Config.Http http) {
        String host = values.get(Settings.MANAGEMENT_HOST);
        Optional<Integer> chosen = values.find(Settings.MANAGEMENT_PORT);
        int port = chosen.orElse(http.port() == 0 ? 0 : http.port() + 1);
        if (port > 65535) {
            throw new StartFailure(values.where(Settings.HTTP_PORT) + " is the last port there is; set "
                    + Settings.MANAGEMENT_PORT.key() + " too, which would be the next one.");
        }
        if (port != 0 && port == http.port()) {
            throw new StartFailure(values.where(Settings.MANAGEMENT_PORT) + " is " + port + " and so is "
                    + values.where(Settings.HTTP_PORT) + "; give them different ports.");
        }
        if (chosen.isEmpty()) {
            values.derived(Settings.MANAGEMENT_PORT, port);
        }
        return new Config.Management(host, port);
    }

    private Config.Database database() {
        Optional<String> url = values.find(Settings.DATABASE_URL);
        Optional<String> user = values.find(Settings.DATABASE_USER);
        Optional<Secret> password = values.find(Settings.DATABASE_PASSWORD);
        int pool = values.get(Settings.DATABASE_POOL);
        if (url.isPresent()) {
            return new Config.Database.External(url.get(), user, password, pool);
        }
        user.ifPresent(_ -> withoutUrl(Settings.DATABASE_USER));
        password.ifPresent(_ -> withoutUrl(Settings.DATABASE_PASSWORD));
        return new Config.Database.Bundled(pool);
    }

    private void withoutUrl(Setting<?> setting) {
        throw new StartFailure(values.where(setting) + " is set but " + Settings.DATABASE_URL.key()
                + " is not; set that too, or remove it to use the bundled PostgreSQL, which needs no credentials.");
    }

    private Config.Lifespans lifespans() {
        Config.Lifespans lifespans = new Config.Lifespans(
                values.get(Settings.MESSAGE_LIFESPAN_DEFAULT),
                values.get(Settings.MESSAGE_LIFESPAN_MIN),
                values.get(Settings.MESSAGE_LIFESPAN_MAX));
        notMore(Settings.MESSAGE_LIFESPAN_MIN, lifespans.min(), Settings.MESSAGE_LIFESPAN_DEFAULT, lifespans.initial());
        notMore(Settings.MESSAGE_LIFESPAN_DEFAULT, lifespans.initial(), Settings.MESSAGE_LIFESPAN_MAX, lifespans.max());
        return lifespans;
    }

    private Config.Vault vault(Path data) {
        Path folder = values.findPath(Settings.VAULT_KEYS_FOLDER).orElse(data.resolve("keys"));
        return new Config.Vault(
                values.get(Settings.VAULT_SLICE_SHORT),
                values.get(Settings.VAULT_SLICE_LONG),
                values.get(Settings.VAULT_EPOCH_NARROWEST),
                values.get(Settings.VAULT_EARLY_DEATH),
                keys(folder),
                root(folder));
    }

    private Config.Keys keys(Path folder) {
        Optional<String> url = values.find(Settings.VAULT_KEYS_URL);
        Optional<String> user = values.find(Settings.VAULT_KEYS_USER);
        Optional<Secret> password = values.find(Settings.VAULT_KEYS_PASSWORD);
        if (url.isPresent()) {
            return new Config.Keys.Postgres(url.get(), user, password);
        }
        user.ifPresent(_ -> alone(Settings.VAULT_KEYS_USER, Settings.VAULT_KEYS_URL));
        password.ifPresent(_ -> alone(Settings.VAULT_KEYS_PASSWORD, Settings.VAULT_KEYS_URL));
        return new Config.Keys.Folder(folder);
    }

    private void alone(Setting<?> setting, Setting<?> needed) {
        throw new StartFailure(values.where(setting) + " is set but " + needed.key()
                + " is not; set that too, or remove it to keep the keys in files.");
    }

    private Config.Root root(Path folder) {
        Optional<Path> file = values.findPath(Settings.VAULT_ROOT_FILE);
        Optional<Secret> key = values.find(Settings.VAULT_ROOT_KEY);
        Optional<String> kms = values.find(Settings.VAULT_ROOT_KMS);
        Optional<Path> credentials = values.findPath(Settings.VAULT_ROOT_CREDENTIALS);
        Path standard = folder.resolve("root.key");
        return key.<Config.Root>map(Config.Root.Given::new)
                .or(() -> kms.map(uri -> new Config.Root.Kms(uri, file.orElse(standard), credentials)))
                .orElseGet(() -> new Config.Root.File(file.orElse(standard), file.isEmpty()));
    }

    private Config.Limits limits() {
        Config.Limits limits = new Config.Limits(
                values.get(Settings.LIMITS_BODY),
                values.get(Settings.LIMITS_REQUEST),
                values.get(Settings.LIMITS_ATTACHMENT),
                values.get(Settings.LIMITS_UPLOADS_PER_PERSON),
                values.get(Settings.LIMITS_UPLOADS_PER_CLIENT),
                values.get(Settings.LIMITS_GROUP_MEMBERS),
                values.get(Settings.LIMITS_TOPIC_MEMBERS),
                values.get(Settings.LIMITS_STREAMS_PER_PERSON),
                values.get(Settings.LIMITS_STREAM_BUFFER));
        notMore(Settings.LIMITS_BODY, limits.body(), Settings.LIMITS_REQUEST, limits.request());
        notMore(
                Settings.LIMITS_ATTACHMENT,
                limits.attachment(),
                Settings.LIMITS_UPLOADS_PER_PERSON,
                limits.uploadsPerPerson());
        notMore(
                Settings.LIMITS_UPLOADS_PER_PERSON,
                limits.uploadsPerPerson(),
                Settings.LIMITS_UPLOADS_PER_CLIENT,
                limits.uploadsPerClient());
        return limits;
    }

    private <T extends Comparable<T>> void notMore(Setting<T> less, T smaller, Setting<T> more, T larger) {
        if (smaller.compareTo(larger) > 0) {
            throw new StartFailure(
                    values.where(less) + " must not be more than " + values.where(more) + "; change one of them.");
        }
    }
}
