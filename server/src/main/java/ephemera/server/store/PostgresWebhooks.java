package ephemera.server.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.directory.ClientId;
import ephemera.core.directory.OrganizationId;
import ephemera.core.outreach.Webhook;
import ephemera.core.outreach.WebhookId;
import ephemera.core.outreach.WebhookSecret;
import ephemera.core.vault.SecretBox;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * The register of webhooks in PostgreSQL, behind caches: which organizations have one, and with what they are signed.
 *
 * <p>A change is in effect in every process as soon as it hears of it, some milliseconds after the commit. Thread-safe.
 */
public final class PostgresWebhooks implements Notifications.Listener {

    /** Under this name the secret that seals the webhooks' secrets is kept in the key store. */
    public static final String SECRET = "webhook-secrets";

    /** How many secrets of a webhook are valid at most: the one that signs, and the one that it replaces. */
    private static final int MOST_SECRETS = 2;

    private final Database database;
    private final Supplier<SecretBox> box;
    private final Ids ids;
    /** A load that a change overtakes may leave what was before it: for a minute at most. */
    private final Cache<WebhookId, Target> targets = Caffeine.newBuilder()
            .maximumSize(10_000)
            .expireAfterWrite(Duration.ofMinutes(1))
            .build();

    /** The organizations that have a webhook, for the path of every message: a look at it is all that it costs. */
    private volatile Set<OrganizationId> organizations = Set.of();

    /**
     * Makes the register on that database; it knows of no webhook before {@link #everythingChanged} is called.
     *
     * @param box asked for when a secret is sealed or opened
     */
    public PostgresWebhooks(Database database, Supplier<SecretBox> box, Ids ids) {
        this.database = database;
        this.box = box;
        this.ids = ids;
    }

    /**
     * A webhook, and with what its deliveries are signed.
     *
     * @param secrets one or two, the newest first
     */
    public record Target(Webhook webhook, List<WebhookSecret> secrets) {}

    /**
     * A webhook as the operator sees it.
     *
     * @param secrets how many are valid
     */
    public record Listed(Webhook webhook, Instant createdAt, int secrets) {}

    @Override
    public void changed(Notifications.Topic topic, String key) {
        if (topic == Notifications.Topic.WEBHOOK) {
            everythingChanged();
        }
    }

    @Override
    public void everythingChanged() {
        targets.invalidateAll();
        organizations = database.read(handle -> handle.createQuery(
                """
                SELECT organization_id FROM webhook
                 UNION
                SELECT company.organization_id FROM company JOIN webhook ON webhook.client_id = company.client_id
                 WHERE company.active
                """)
                .mapTo(String.class)
                .collect(Collectors.mapping(OrganizationId::new, Collectors.toUnmodifiableSet())));
    }

    /** Whether changes in that organization are told to anybody; asks nobody. */
    boolean concerns(OrganizationId organization) {
        Set<OrganizationId> known = organizations;
        return !known.isEmpty() && known.contains(organization);
    }

    /** Whether there is any webhook; asks nobody. */
    public boolean areAny() {
        return !organizations.isEmpty();
    }

    /**
     * The organization of an application.
     *
     * @throws ephemera.core.Refused with {@code NOT_FOUND} if there is no such application
     */
    public OrganizationId organizationOf(ClientId client) {
        return database.read(handle -> handle.createQuery(
                "SELECT organization_id FROM client WHERE client_id = :client AND revoked_at IS NULL")
                .bind("client", client.value())
                .mapTo(String.class)
                .findOne())
                .map(OrganizationId::new)
                .orElseThrow(() -> Failure.NOT_FOUND.refused("There is no client " + client + "."));
    }

    /** Makes a webhook and returns its first secret, which is told this once. */
    public WebhookSecret add(Webhook webhook) {
        return database.change(handle -> {
            handle.createUpdate(
                    """
                    INSERT INTO webhook (webhook_id, organization_id, client_id, url)
                    VALUES (:id, :organization, :client, :url)
                    """)
                    .bind("id", webhook.id().value())
                    .bind("organization", webhook.organization().token())
                    .bind("client", webhook.client().value())
                    .bind("url", webhook.url().toString())
                    .execute();
            return addSecret(handle, webhook.id(), 1);
        });
    }

    /** All webhooks, in the order in which they were made. */
    public List<Listed> all() {
        return database.read(handle -> handle.createQuery(
                """
                SELECT webhook.*, (SELECT count(sealed) FROM webhook_secret
                                    WHERE webhook_secret.webhook_id = webhook.webhook_id) AS secrets
                  FROM webhook ORDER BY created_at, webhook_id
                """)
                .map((row, _) -> new Listed(
                        webhook(row), MessageRow.instant(row, "created_at"), row.getInt("secrets")))
                .list());
    }

    /**
     * Makes a new secret, which signs from now on; what signed until now stays valid beside it.
     *
     * @throws ephemera.core.Refused with {@code NOT_FOUND} if there is no such webhook, with {@code CONFLICT} if two
     *     are valid already
     */
    public WebhookSecret rotate(WebhookId id) {
        return database.change(handle -> {
            List<Integer> numbers = lockedSecrets(handle, id);
            if (numbers.size() >= MOST_SECRETS) {
                throw Failure.CONFLICT.refused("Two secrets of the webhook " + id + " are valid: once the receiver"
                        + " knows the newer one, retire the older one with \"webhook retire\".");
            }
            int last = handle.createQuery("SELECT max(number) FROM webhook_secret WHERE webhook_id = :id")
                    .bind("id", id.value())
                    .mapTo(Integer.class)
                    .one();
            return addSecret(handle, id, last + 1);
        });
    }

    /**
     * Ends the older one of two secrets; nothing is left of it.
     *
     * @throws ephemera.core.Refused with {@code NOT_FOUND} if there is no such webhook, with {@code CONFLICT} if only
     *     one is valid
     */
    public void retire(WebhookId id) {
        database.change(handle -> {
            List<Integer> numbers = lockedSecrets(handle, id);
            if (numbers.size() < MOST_SECRETS) {
                throw Failure.CONFLICT.refused("The webhook " + id + " has one secret only: make a new one with"
                        + " \"webhook rotate\" first.");
            }
            Notifications.tell(handle, Notifications.Topic.WEBHOOK, id.toString());
            return handle.createUpdate(
                    """
                    UPDATE webhook_secret SET sealed = NULL, retired_at = now()
                     WHERE webhook_id = :id AND number = :number
                    """)
                    .bind("id", id.value())
                    .bind("number", numbers.getLast())
                    .execute();
        });
    }

    /**
     * Removes a webhook, its secrets, and all that waits for it or failed; what is under way may still arrive.
     *
     * @throws ephemera.core.Refused with {@code NOT_FOUND} if there is no such webhook
     */
    public void remove(WebhookId id) {
        database.change(handle -> {
            requireSome(handle.createUpdate("DELETE FROM webhook WHERE webhook_id = :id")
                    .bind("id", id.value())
                    .execute(), id);
            Notifications.tell(handle, Notifications.Topic.WEBHOOK, id.toString());
            return handle.createUpdate("DELETE FROM webhook_delivery WHERE webhook_id = :id")
                    .bind("id", id.value())
                    .execute();
        });
    }

    /**
     * The webhook with that id, to be called; empty if there is none any more.
     *
     * @throws IllegalStateException if its secrets were sealed with another key than this server's
     */
    public Optional<Target> target(WebhookId id) {
        return Optional.ofNullable(targets.get(id, key -> load(key).orElse(null)));
    }

    private Optional<Target> load(WebhookId id) {
        return database.read(handle -> handle.createQuery("SELECT * FROM webhook WHERE webhook_id = :id")
                .bind("id", id.value())
                .map((row, _) -> webhook(row))
                .findOne()
                .map(webhook -> new Target(webhook, secrets(handle, id))));
    }

    private List<WebhookSecret> secrets(Handle handle, WebhookId id) {
        return handle.createQuery(
                """
                SELECT number, sealed FROM webhook_secret
                 WHERE webhook_id = :id AND sealed IS NOT NULL ORDER BY number DESC
                """)
                .bind("id", id.value())
                .map((row, _) -> box.get()
                        .open(row.getBytes("sealed"), bytes(id), bytes(row.getInt("number")))
                        .map(opened -> new WebhookSecret(new String(opened, StandardCharsets.US_ASCII)))
                        .orElseThrow(() -> new IllegalStateException("the secret of the webhook " + id
                                + " cannot be opened with the keys of this server")))
                .list();
    }

    private WebhookSecret addSecret(Handle handle, WebhookId id, int number) {
        WebhookSecret secret = WebhookSecret.random(ids);
        handle.createUpdate("INSERT INTO webhook_secret (webhook_id, number, sealed) VALUES (:id, :number, :sealed)")
                .bind("id", id.value())
                .bind("number", number)
                .bind("sealed", box.get().seal(
                        secret.text().getBytes(StandardCharsets.US_ASCII), bytes(id), bytes(number)))
                .execute();
        Notifications.tell(handle, Notifications.Topic.WEBHOOK, id.toString());
        return secret;
    }

    /** The numbers of the valid secrets, the newest first; nobody else changes them before the transaction ends. */
    private static List<Integer> lockedSecrets(Handle handle, WebhookId id) {
        requireSome(handle.createQuery("SELECT 1 FROM webhook WHERE webhook_id = :id FOR UPDATE")
                .bind("id", id.value())
                .mapTo(Integer.class)
                .list()
                .size(), id);
        return handle.createQuery(
                """
                SELECT number FROM webhook_secret
                 WHERE webhook_id = :id AND sealed IS NOT NULL ORDER BY number DESC
                """)
                .bind("id", id.value())
                .mapTo(Integer.class)
                .list();
    }

    private static void requireSome(int count, WebhookId id) {
        if (count == 0) {
            throw Failure.NOT_FOUND.refused("There is no webhook " + id + ": \"webhook list\" shows all.");
        }
    }

    private static Webhook webhook(ResultSet row) throws SQLException {
        return new Webhook(
                new WebhookId(row.getObject("webhook_id", UUID.class)),
                new OrganizationId(row.getString("organization_id")),
                new ClientId(row.getObject("client_id", UUID.class)),
                URI.create(row.getString("url")));
    }

    private static byte[] bytes(WebhookId id) {
        return id.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] bytes(int number) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
    }
}
