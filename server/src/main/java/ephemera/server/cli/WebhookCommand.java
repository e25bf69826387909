package ephemera.server.cli;

import ephemera.core.Failure;
import ephemera.core.directory.ClientId;
import ephemera.core.outreach.DeliveryId;
import ephemera.core.outreach.Webhook;
import ephemera.core.outreach.WebhookId;
import ephemera.core.outreach.WebhookSecret;
import ephemera.server.channel.webhook.Guard;
import ephemera.server.store.PostgresOutbox;
import ephemera.server.store.PostgresWebhooks;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** The commands on webhooks. */
@Command(
        name = "webhook",
        description = "Has applications told of what changes, by calling a URL of theirs.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {WebhookCommand.Create.class, WebhookCommand.List.class, WebhookCommand.Rotate.class,
            WebhookCommand.Retire.class, WebhookCommand.Delete.class, WebhookCommand.Dead.class,
            WebhookCommand.Replay.class})
final class WebhookCommand {

    private static final String WEBHOOK = "the id of the webhook, as \"webhook list\" shows it";

    private WebhookCommand() {}

    /** Makes a webhook. */
    @Command(
            name = "create",
            description = "Makes a webhook for an application; the secret that signs is told this once.",
            mixinStandardHelpOptions = true)
    static final class Create extends DeskCommand {

        @Option(names = "--client", paramLabel = "CLIENT_ID", required = true, description = "the application")
        private String client;

        @Option(names = "--url", paramLabel = "URL", required = true, description = "what is called, by https")
        private String text;

        @Override
        Answer answer(Desk desk) {
            requireAllowed(desk.guard(), url());
            return super.answer(desk);
        }

        private URI url() {
            return Guard.url(text).orElseThrow(() -> Failure.INVALID.refused(
                    "This is no URL that can be called: " + text + "; give one such as https://example.org/hook."));
        }

        /** A name that is not known yet may be known when there is something to tell. */
        private static void requireAllowed(Guard guard, URI url) {
            if (guard.judge(url) instanceof Guard.Verdict.Forbidden(String reason)) {
                throw Failure.INVALID.refused(reason);
            }
        }

        @Override
        Answer work(Clerk clerk) {
            PostgresWebhooks webhooks = clerk.webhooks();
            ClientId application = ClientId.parse(client)
                    .orElseThrow(() -> Failure.NOT_FOUND.refused("There is no client " + client + "."));
            Webhook webhook = new Webhook(
                    new WebhookId(clerk.ids().random()), webhooks.organizationOf(application), application, url());
            WebhookSecret secret = webhooks.add(webhook);
            return Answer.of(json(webhook).put("secret", secret.text()));
        }
    }

    /** Lists webhooks. */
    @Command(name = "list", description = "Lists the webhooks.", mixinStandardHelpOptions = true)
    static final class List extends DeskCommand {

        @Override
        Answer work(Clerk clerk) {
            return Answer.ofAll(clerk.webhooks().all().stream()
                    .map(listed -> json(listed.webhook())
                            .put("created", listed.createdAt().toString())
                            .put("secrets", listed.secrets()))
                    .toList());
        }
    }

    /** Makes a new secret. */
    @Command(
            name = "rotate",
            description = {
                "Makes a new secret for a webhook, which signs from now on; it is told this once.",
                "The older one signs too, in a header of its own, until \"webhook retire\" ends it."
            },
            mixinStandardHelpOptions = true)
    static final class Rotate extends DeskCommand {

        @Parameters(paramLabel = "ID", description = WEBHOOK)
        private String id;

        @Override
        Answer work(Clerk clerk) {
            WebhookSecret secret = clerk.webhooks().rotate(webhook(id));
            return Answer.of(Answer.object().put("webhook", id).put("secret", secret.text()));
        }
    }

    /** Ends the older secret. */
    @Command(
            name = "retire",
            description = "Ends the older one of two secrets of a webhook.",
            mixinStandardHelpOptions = true)
    static final class Retire extends DeskCommand {

        @Parameters(paramLabel = "ID", description = WEBHOOK)
        private String id;

        @Override
        Answer work(Clerk clerk) {
            clerk.webhooks().retire(webhook(id));
            return told("The older secret of the webhook " + id + " is no longer valid.", "webhook", id);
        }
    }

    /** Removes a webhook. */
    @Command(
            name = "delete",
            description = "Removes a webhook, and all that waits for it or failed.",
            mixinStandardHelpOptions = true)
    static final class Delete extends DeskCommand {

        @Parameters(paramLabel = "ID", description = WEBHOOK)
        private String id;

        @Override
        Answer work(Clerk clerk) {
            clerk.webhooks().remove(webhook(id));
            return told("The webhook " + id + " is removed.", "webhook", id);
        }
    }

    /** Lists what was given up. */
    @Command(
            name = "dead",
            description = "Lists the deliveries of the last seven days that were given up, without content.",
            mixinStandardHelpOptions = true)
    static final class Dead extends DeskCommand {

        @Option(names = "--webhook", paramLabel = "ID", description = "only those of this webhook")
        private Optional<String> only;

        @Override
        Answer work(Clerk clerk) {
            return Answer.ofAll(clerk.outbox().dead(only.map(WebhookCommand::webhook)).stream()
                    .map(WebhookCommand::json)
                    .toList());
        }
    }

    /** Has what was given up tried again. */
    @Command(
            name = "replay",
            description = "Has deliveries that were given up tried again, by the server when it runs.",
            mixinStandardHelpOptions = true)
    static final class Replay extends DeskCommand {

        private Which which = new Which();

        /** Takes what was typed. */
        @ArgGroup(multiplicity = "1")
        void take(Which typed) {
            which = typed;
        }

        /** Which deliveries. */
        static final class Which {

            @Parameters(
                    arity = "0..1",
                    paramLabel = "DELIVERY",
                    description = "the id of a delivery, as \"webhook dead\" shows it")
            private Optional<String> delivery;

            @Option(names = "--all", description = "all that were given up")
            private boolean all;
        }

        @Override
        Answer work(Clerk clerk) {
            int count = which.all ? clerk.outbox().replayAll() : one(clerk, which.delivery.orElseThrow());
            return told(count + " deliveries are tried again.", "replayed", Integer.toString(count));
        }

        private static int one(Clerk clerk, String text) {
            clerk.outbox()
                    .replay(DeliveryId.parse(text).orElseThrow(
                            () -> Failure.INVALID.refused("This is not the id of a delivery: " + text + ".")));
            return 1;
        }
    }

    private static WebhookId webhook(String text) {
        return WebhookId.parse(text)
                .orElseThrow(() -> Failure.INVALID.refused("This is not the id of a webhook: " + text + "."));
    }

    private static Answer told(String sentence, String key, String value) {
        return new Answer(
                java.util.List.of(sentence), java.util.List.of(Answer.object().put(key, value)));
    }

    private static ObjectNode json(Webhook webhook) {
        return Answer.object()
                .put("webhook", webhook.id().toString())
                .put("client", webhook.client().toString())
                .put("org", webhook.organization().token())
                .put("url", webhook.url().toString());
    }

    private static ObjectNode json(PostgresOutbox.DeadLetter letter) {
        ObjectNode object = Answer.object()
                .put("delivery", letter.id().toString())
                .put("webhook", letter.webhook().toString())
                .put("kind", letter.update().kind().name().toLowerCase(Locale.ROOT))
                .put("entity", letter.update().entity().toString())
                .put("changed", letter.update().at().toString())
                .put("ended", letter.endedAt().toString())
                .put("attempts", letter.attempts())
                .put("trouble", letter.trouble().name().toLowerCase(Locale.ROOT));
        letter.status().ifPresent(status -> object.put("status", status));
        return object;
    }
}
