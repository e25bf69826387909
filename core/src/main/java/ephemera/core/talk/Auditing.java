package ephemera.core.talk;

import ephemera.core.Failure;
import ephemera.core.Refused;
import ephemera.core.directory.Caller;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;

/**
 * The use cases of looking into the audit trail.
 *
 * <p>Administrators see all of their organization, and applications that ask for themselves of those that they reach;
 * everybody else what they did themselves and what happened in conversations that they are in. Thread-safe.
 */
public final class Auditing {

    private final AuditTrail trail;
    private final BiPredicate<Caller, OrganizationId> reaches;

    /**
     * Makes the use cases over that trail.
     *
     * @param reaches whether a caller sees all of an organization although it is not their own
     */
    public Auditing(AuditTrail trail, BiPredicate<Caller, OrganizationId> reaches) {
        this.trail = trail;
        this.reaches = reaches;
    }

    /**
     * What was done to one thing in an organization.
     *
     * @throws Refused with {@code NOT_FOUND} if there is nothing about it that the caller may know
     */
    public AuditTrail.Page entity(
            Caller caller, OrganizationId organization, AuditTrail.Entity entity, AuditTrail.Cut cut) {
        AuditTrail.Page page = trail.read(question(caller, organization, Optional.of(entity), List.of()), cut);
        if (page.entries().isEmpty() && cut.place().isEmpty()) {
            throw Failure.NOT_FOUND.refused();
        }
        return page;
    }

    /**
     * What was done in an organization.
     *
     * @param editors only by these people; by anybody if there is none
     * @throws Refused with {@code NOT_FOUND} if the caller may not know of that organization
     */
    public AuditTrail.Page query(
            Caller caller, OrganizationId organization, List<PersonId> editors, AuditTrail.Cut cut) {
        return trail.read(question(caller, organization, Optional.empty(), editors), cut);
    }

    private AuditTrail.Question question(
            Caller caller,
            OrganizationId organization,
            Optional<AuditTrail.Entity> entity,
            List<PersonId> editors) {
        boolean own = caller.organization().equals(organization);
        boolean all = (own && caller.person().isAdministrator()) || reaches.test(caller, organization);
        if (!own && !all) {
            throw Failure.NOT_FOUND.refused();
        }
        return new AuditTrail.Question(
                organization, entity, editors, all ? Optional.empty() : Optional.of(caller.id()));
    }
}
