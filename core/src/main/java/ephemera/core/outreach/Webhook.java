package ephemera.core.outreach;

import ephemera.core.directory.ClientId;
import ephemera.core.directory.OrganizationId;
import java.net.URI;

/**
 * Where an application wants to be told of what changes in its organization.
 *
 * @param id names it to the operator
 * @param organization whose changes are told
 * @param client the application
 * @param url what is called
 */
public record Webhook(WebhookId id, OrganizationId organization, ClientId client, URI url) {}
