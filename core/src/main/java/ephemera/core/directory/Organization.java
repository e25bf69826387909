package ephemera.core.directory;

/**
 * A tenant: the people, conversations and policy that belong together.
 *
 * @param id its token
 * @param name what people call it
 * @param policy what it allows
 */
public record Organization(OrganizationId id, String name, Policy policy) {}
