package ephemera.core.directory;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * What applications know of an organization.
 *
 * @param id what applications call it
 * @param organization the organization itself
 * @param name what people call it
 * @param entityType its legal form, as the application wrote it, or empty text
 * @param apiCompanyId the application's own id for it
 * @param creator the client that created it; none if the operator did
 * @param active whether the client that created it may still act in it
 * @param createdAt when it became known to applications
 */
public record Company(
        UUID id,
        OrganizationId organization,
        String name,
        String entityType,
        Optional<String> apiCompanyId,
        Optional<ClientId> creator,
        boolean active,
        Instant createdAt) {}
