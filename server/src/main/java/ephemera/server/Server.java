package ephemera.server;

import static ephemera.server.watch.Field.field;

import ephemera.core.Ids;
import ephemera.core.Limits;
import ephemera.core.directory.ClientEnrolment;
import ephemera.core.directory.Companies;
import ephemera.core.directory.Directory;
import ephemera.core.directory.Enrolment;
import ephemera.core.directory.Policy;
import ephemera.core.directory.SignIn;
import ephemera.core.directory.Tokens;
import ephemera.core.directory.UserIds;
import ephemera.core.inbox.Inbox;
import ephemera.core.inbox.Typing;
import ephemera.core.outreach.Outlook;
import ephemera.core.talk.Auditing;
import ephemera.core.talk.Groups;
import ephemera.core.talk.Reactions;
import ephemera.core.talk.Reading;
import ephemera.core.talk.Roster;
import ephemera.core.talk.Sending;
import ephemera.core.talk.Topics;
import ephemera.core.talk.Uploads;
import ephemera.core.vault.Grid;
import ephemera.core.vault.KeyRing;
import ephemera.core.vault.SecretBox;
import ephemera.core.vault.SigningKey;
import ephemera.server.backup.RestoreMark;
import ephemera.server.channel.webhook.Guard;
import ephemera.server.channel.webhook.WebhookCaller;
import ephemera.server.config.Config;
import ephemera.server.config.Secret;
import ephemera.server.door.tigerconnect.TigerConnect;
import ephemera.server.door.tight.Tight;
import ephemera.server.http.Authentication;
import ephemera.server.http.Pages;
import ephemera.server.http.Route;
import ephemera.server.http.Router;
import ephemera.server.http.WebServer;
import ephemera.server.store.Ahead;
import ephemera.server.store.Argon2Passwords;
import ephemera.server.store.Database;
import ephemera.server.store.DatabaseClock;
import ephemera.server.store.DeletionRecord;
import ephemera.server.store.Epochs;
import ephemera.server.store.FileBlobs;
import ephemera.server.store.Json;
import ephemera.server.store.Notifications;
import ephemera.server.store.PostgresArchive;
import ephemera.server.store.PostgresAuditTrail;
import ephemera.server.store.PostgresClients;
import ephemera.server.store.PostgresCompanies;
import ephemera.server.store.PostgresCredentials;
import ephemera.server.store.PostgresIdempotency;
import ephemera.server.store.PostgresJournal;
import ephemera.server.store.PostgresLog;
import ephemera.server.store.PostgresOutbox;
import ephemera.server.store.PostgresPeople;
import ephemera.server.store.PostgresRooms;
import ephemera.server.store.PostgresShelf;
import ephemera.server.store.PostgresTopics;
import ephemera.server.store.PostgresWebhooks;
import ephemera.server.store.Release;
import ephemera.server.store.Rescue;
import ephemera.server.store.Sealing;
import ephemera.server.store.Shredder;
import ephemera.server.store.Sweep;
import ephemera.server.store.UploadSweep;
import ephemera.server.store.embedded.BundledPostgres;
import ephemera.server.store.embedded.DataFolder;
import ephemera.server.watch.Health;
import ephemera.server.watch.ManagementServer;
import ephemera.server.watch.Metrics;
import ephemera.server.work.WebhookRound;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A running server: every part, made from top to bottom and closed from bottom to top.
 *
 * <p>Closing is safe at any time and from any thread.
 */
public final class Server implements AutoCloseable {

    private static final Logger LOG = System.getLogger(Server.class.getName());

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final DataFolder folder;
    private final Enrolment enrolment;
    private final SignIn signIn;
    private final ClientEnrolment clientEnrolment;
    private final Policy policy;
    private final List<Route> routes;
    private volatile String url = "";
    private final int managementPort;

    /**
     * Starts a server; it serves when this returns.
     *
     * @throws StartFailure if a part cannot be had, with the remedy; nothing is left running then
     */
    public static Server start(Config config) {
        Deque<AutoCloseable> begun = new ArrayDeque<>();
        try {
            return new Server(config, begun);
        } catch (RuntimeException e) {
            closeAll(begun);
            throw e;
        }
    }

    private Server(Config config, Deque<AutoCloseable> begun) {
        Metrics metrics = add(begun, new Metrics());
        Health health = new Health();
        folder = add(begun, DataFolder.claim(config.data()));
        new RestoreMark(folder.path()).requireNone();

        Database database = add(begun, database(config, begun, health));
        database.requireDurable();
        if (!database.isMigrated()) {
            database.migrate();
        }

        Clock clock = Clock.systemUTC();
        SecureRandom random = new SecureRandom();
        Ids ids = new Ids(clock, random);
        Limits limits = limits(config.limits());
        policy = config.lifespans().policy();
        Json json = new Json();

        Config.Vault vault = config.vault();
        Grid grid = vault.grid();
        KeyStores.Opened keyStore = add(begun, KeyStores.open(vault));
        keyStore.requireApart(database);
        KeyRing keys = new KeyRing(keyStore.store(), random, KeyRing.DEFAULT_CACHE);
        Sealing sealing = new Sealing(keys, json);
        Epochs epochs = new Epochs(database, grid);
        DeletionRecord record = new DeletionRecord(database, SigningKey.in(keyStore.store()));
        DatabaseClock databaseClock = new DatabaseClock(database, clock);
        databaseClock.measure();

        Ahead ahead = new Ahead(epochs, keys, grid, databaseClock);

        PostgresPeople people = new PostgresPeople(database, json);
        PostgresCredentials credentials = new PostgresCredentials(database);
        PostgresClients clients = new PostgresClients(database);
        PostgresRooms rooms = new PostgresRooms(database);
        PostgresWebhooks webhooks = new PostgresWebhooks(
                database, () -> SecretBox.in(keyStore.store(), PostgresWebhooks.SECRET, random), ids);
        PostgresOutbox outbox = new PostgresOutbox(database, webhooks);
        PostgresArchive archive = new PostgresArchive(database, sealing, epochs);
        FileBlobs blobs = blobs(epochs, ids, random);
        PostgresLog log = add(begun, new PostgresLog(database, json, sealing));
        PostgresJournal journal = add(
                begun,
                new PostgresJournal(
                        database, rooms, json, sealing, epochs, ahead, outbox, metrics::journalCommitted));

        Directory directory = new Directory(people, ids, limits);
        enrolment = new Enrolment(people, ids, limits);
        signIn = new SignIn(people, credentials, new Argon2Passwords(random), ids, clock);
        clientEnrolment = new ClientEnrolment(clients, ids, limits);
        Tokens tokens = new Tokens(clients, people, ids, databaseClock);
        Authentication authentication = new Authentication(signIn, tokens);
        PostgresCompanies companyRegister = new PostgresCompanies(database, clients, people);
        Companies companies =
                new Companies(companyRegister, clients, people, ids, databaseClock, limits, policy);
        PostgresAuditTrail trail = new PostgresAuditTrail(database, json, epochs);
        Auditing auditing = new Auditing(
                trail,
                (caller, organization) -> caller.isApplication()
                        && caller.client().filter(client -> clients.reaches(client, organization)).isPresent());
        Reading reading = new Reading(archive, journal, blobs, limits);
        Reactions reactions = new Reactions(reading, archive, journal, limits);
        PostgresTopics topicArchive = new PostgresTopics(database, sealing);
        Topics topics = new Topics(people, rooms, topicArchive, journal, ids, clock, limits);
        PostgresShelf shelf = new PostgresShelf(database, sealing, epochs, blobs, trail);
        Uploads uploads = new Uploads(directory, shelf, reading, blobs, grid, databaseClock, limits);
        Sending sending = new Sending(
                directory, rooms, journal, reading, uploads, blobs, ids, grid, databaseClock, limits);
        Groups groups = new Groups(directory, rooms, archive, journal, ids, clock, limits);
        Roster roster = new Roster(directory, rooms, archive, journal);
        Inbox inbox = new Inbox(log, rooms, journal, authentication::holds, limits, meter(metrics));
        Typing typing = new Typing(directory, rooms, inbox);

        credentials.whenRevoked(inbox::revoked, inbox::keys);
        clients.whenRevoked(inbox::revoked, inbox::keys);
        Notifications notifications = add(begun, new Notifications(database));
        List.of(people, credentials, clients, rooms, webhooks).forEach(notifications::listen);
        // Known before the first message is stored: one that is not noted is never told.
        webhooks.everythingChanged();
        notifications.start();
        log.start();
        journal.start(inbox);
        metrics.queue("journal", journal::waiting);
        Health.Check writes = () -> journal.isWriting() ? new Health.State.Up()
                : new Health.State.Down("nothing is written any more: restart this server");
        health.liveness("journal", writes);
        health.readiness("journal", writes);
        Rescue rescue = new Rescue(database, keys, sealing, blobs, epochs);
        Shredder shredder =
                new Shredder(database, keys, rescue, blobs, epochs, record, databaseClock, shredded(metrics));
        Release release = new Release(database, keys, blobs, record, rescue);
        add(
                begun,
                new Housekeeping(
                        inbox, journal, shredder, release, new Sweep(database, blobs),
                        new UploadSweep(database, keys, blobs, shelf), credentials, clients, ahead, record,
                        databaseClock,
                        vault.earlyDeath()))
                .start();

        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setPreferNativeTransport(true)
                // It would put a folder for files of the class path into /tmp, and a killed server would leave it
                // there.
                .setFileSystemOptions(new FileSystemOptions()
                        .setFileCachingEnabled(false)
                        .setClassPathResolvingEnabled(false))
                .setEventLoopPoolSize(Runtime.getRuntime().availableProcessors()));
        begun.push(() -> vertx.close().toCompletionStage().toCompletableFuture().join());
        TigerConnect tigerConnect = new TigerConnect(
                new TigerConnect.Core(signIn, directory, sending, reading, groups, roster, typing, inbox),
                authentication,
                people,
                rooms,
                blobs,
                metrics,
                () -> config.http().publicUrl().orElse(url),
                log.generation());
        Tight tight = new Tight(
                new Tight.Core(
                        tokens, companies, topics, sending, reading, uploads, reactions, auditing,
                        new PostgresIdempotency(database), inbox,
                        new Outlook(clients, archive, topicArchive)),
                new Tight.Registers(people, companyRegister, new UserIds(clients, people), rooms),
                keyStore.store().secret("tight-cursors", () -> randomBytes(random)),
                () -> config.http().publicUrl().orElse(url),
                log.generation(),
                limits);
        add(
                begun,
                new WebhookRound(
                        outbox,
                        webhooks,
                        tight.updates(),
                        new WebhookCaller(new Guard(config.webhooks()), databaseClock),
                        random,
                        called(metrics)))
                .start();
        routes = Stream.of(tigerConnect.routes(), tight.routes(), new Pages("tigerconnect", "tight").routes())
                .flatMap(List::stream)
                .toList();
        WebServer web = add(
                begun,
                new WebServer(vertx, config.http(), new Router(routes, Map.of(Tight.ROOT, Tight.refusal())),
                        authentication, blobs, limits, databaseClock,
                        metrics));
        url = config.http().url(web.start());
        begun.push(inbox::closeAll);
        ManagementServer management =
                add(begun, ManagementServer.start(vertx, config.management(), metrics, health));
        managementPort = management.port();
        parts.addAll(begun);
    }

    private Database database(Config config, Deque<AutoCloseable> begun, Health health) {
        Database database = switch (config.database()) {
            case Config.Database.Bundled(int pool) -> {
                // Both are opened last, when everything behind them works.
                Set<Integer> ours = Set.copyOf(List.of(config.http().port(), config.management().port()));
                BundledPostgres postgres = add(begun, BundledPostgres.start(folder, ours));
                yield new Database(postgres.jdbcUrl(), postgres.user(), postgres.password(), pool);
            }
            case Config.Database.External(var url, var user, var password, int pool) ->
                    new Database(
                            url,
                            user.orElse(System.getProperty("user.name")),
                            password.map(Secret::reveal).orElse(""),
                            pool);
        };
        health.readiness("database", () -> database.read(handle -> {
            handle.execute("SELECT 1");
            return new Health.State.Up();
        }));
        return database;
    }

    private FileBlobs blobs(Epochs epochs, Ids ids, SecureRandom random) {
        try {
            return new FileBlobs(folder.blobs(), epochs, ids, random);
        } catch (IOException e) {
            throw new StartFailure("The folder " + folder.blobs() + " cannot be used: check who owns it.", e);
        }
    }

    private static Inbox.Meter meter(Metrics metrics) {
        return new Inbox.Meter() {
            @Override
            public void replayed(int events) {
                metrics.streamReplayed(events);
            }

            @Override
            public void fellBehind() {
                metrics.streamFellBack();
            }
        };
    }

    private static Shredder.Meter shredded(Metrics metrics) {
        return new Shredder.Meter() {
            @Override
            public void sliceDestroyed() {
                metrics.sliceDestroyed();
            }

            @Override
            public void punctured(int messages) {
                metrics.keysPunctured(messages);
            }

            @Override
            public void epochClosed(long nanoseconds) {
                metrics.epochClosed(nanoseconds);
            }

            @Override
            public void overdue(long rows, long seconds) {
                metrics.overdue(rows, seconds);
            }
        };
    }

    private static WebhookRound.Meter called(Metrics metrics) {
        return new WebhookRound.Meter() {
            @Override
            public void attempted(String outcome) {
                metrics.webhookAttempted(outcome);
            }

            @Override
            public void died(int deliveries) {
                metrics.webhooksGivenUp(deliveries);
            }

            @Override
            public void waiting(int length, Duration oldest) {
                metrics.webhooksWaiting(length, oldest);
            }
        };
    }

    private static Limits limits(Config.Limits config) {
        return Limits.DEFAULT.with(
                (int) config.body().bytes(),
                (int) config.request().bytes(),
                config.attachment().bytes(),
                config.uploadsPerPerson().bytes(),
                config.uploadsPerClient().bytes(),
                config.groupMembers(),
                config.topicMembers(),
                config.streamsPerPerson(),
                config.streamBuffer());
    }

    private static byte[] randomBytes(SecureRandom random) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return bytes;
    }

    private static <P extends AutoCloseable> P add(Deque<AutoCloseable> begun, P part) {
        begun.push(part);
        return part;
    }

    /** The data folder that this server holds. */
    public DataFolder folder() {
        return folder;
    }

    /** The operator's use cases on this server. */
    public Enrolment enrolment() {
        return enrolment;
    }

    /** Keys and passwords on this server. */
    public SignIn signIn() {
        return signIn;
    }

    /** Clients of applications on this server. */
    public ClientEnrolment clientEnrolment() {
        return clientEnrolment;
    }

    /** What the policy of a new organization is. */
    public Policy policy() {
        return policy;
    }

    /** Everything that this server answers to. */
    public List<Route> routes() {
        return routes;
    }

    /** Where programs on this machine reach this server. */
    public String url() {
        return url;
    }

    /** The port of metrics and health. */
    public int managementPort() {
        return managementPort;
    }

    @Override
    public void close() {
        closeAll(parts);
    }

    private static synchronized void closeAll(Deque<AutoCloseable> parts) {
        for (AutoCloseable part = parts.poll(); part != null; part = parts.poll()) {
            try {
                part.close();
            } catch (Exception e) {
                LOG.log(Level.WARNING, "a part did not close", field("part", part.getClass().getSimpleName()), e);
            }
        }
    }
}
