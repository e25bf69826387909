package ephemera.server.door.tight;

import ephemera.core.Failure;
import ephemera.core.directory.Caller;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.AuditTrail;
import ephemera.core.talk.AuditTrail.Cut;
import ephemera.core.talk.AuditTrail.Kind;
import ephemera.core.talk.AuditTrail.Revision;
import ephemera.core.talk.Auditing;
import ephemera.server.door.tight.Envelope.Problem;
import ephemera.server.http.Access;
import ephemera.server.http.Call;
import ephemera.server.http.JsonText;
import ephemera.server.http.Reply;
import ephemera.server.http.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The audit trail: of one thing, or of a company (contract B.4.7); newest first. */
final class AuditRoutes {

    private static final Map<String, Kind> KINDS = Map.of(
            TightIds.MESSAGE, Kind.MESSAGE,
            TightIds.CONVERSATION, Kind.CONVERSATION,
            TightIds.ATTACHMENT, Kind.ATTACHMENT,
            TightIds.FILE, Kind.ATTACHMENT,
            TightIds.COMPANY, Kind.COMPANY,
            TightIds.USER, Kind.PERSON,
            TightIds.BOOKKEEPER, Kind.PERSON);

    private final Auditing auditing;
    private final Idempotent idempotent;
    private final Bookmarks bookmarks;
    private final Names names;

    /** How people and companies are called here. */
    interface Names {

        /** A person as an author: {@code userId} and {@code email}. */
        ObjectNode author(PersonId person);

        /** A company: {@code id} and {@code apiCompanyId}. */
        ObjectNode company(OrganizationId organization);

        /** The person whom an application calls so, if the caller may know. */
        Optional<PersonId> person(Caller caller, String userId);

        /** The organization of the company with that token, if the caller may see it. */
        Optional<OrganizationId> company(Caller caller, String token);

        /** The organization of the company that an application calls so, if the caller may see it. */
        Optional<OrganizationId> apiCompany(Caller caller, String apiCompanyId);
    }

    AuditRoutes(Auditing auditing, Idempotent idempotent, Bookmarks bookmarks, Names names) {
        this.auditing = auditing;
        this.idempotent = idempotent;
        this.bookmarks = bookmarks;
        this.names = names;
    }

    List<Route> routes() {
        return List.of(
                new Route("GET", "/v6/auditTrail/{entityId}", Access.TOKEN, this::entity),
                idempotent.reading("/v6/auditTrail/query", this::query));
    }

    private Reply entity(Call call) {
        AuditTrail.Entity entity = entity(call.path("entityId")).orElseThrow(Failure.NOT_FOUND::refused);
        Fields query = Paging.query(call);
        Paging paging = Paging.of(call, query, bookmarks, "audit " + entity);
        if (!query.isFine()) {
            return Envelope.failure(400, query.problems());
        }
        OrganizationId organization = entity.kind() == Kind.COMPANY
                ? names.company(call.caller(), call.path("entityId")).orElseThrow(Failure.NOT_FOUND::refused)
                : call.caller().organization();
        return page(paging, auditing.entity(call.caller(), organization, entity, cut(paging)));
    }

    private static Optional<AuditTrail.Entity> entity(String token) {
        String prefix = token.substring(0, token.indexOf('_') + 1);
        return Optional.ofNullable(KINDS.get(prefix))
                .flatMap(kind -> TightIds.parse(prefix, token).map(id -> new AuditTrail.Entity(kind, id)));
    }

    private Reply query(Call call) {
        Fields body = Fields.of(call.parameters().json());
        Optional<Fields> filter = body.object("filter");
        List<String> editors = values(filter, "editor", "userId");
        List<String> companies = values(filter, "company", "id");
        List<String> apiCompanies = values(filter, "company", "apiCompanyId");
        Paging paging = Paging.of(
                call, body, bookmarks, "audit " + JsonText.text(call.parameters().json().path("filter")));
        if (!body.isFine()) {
            return Envelope.failure(400, body.problems());
        }
        Caller caller = call.caller();
        List<PersonId> people = found(editors, each -> names.person(caller, each));
        List<OrganizationId> organizations = new ArrayList<>(found(companies, each -> names.company(caller, each)));
        organizations.addAll(found(apiCompanies, each -> names.apiCompany(caller, each)));
        // A filter for what nobody is called, or the caller may not know of, finds nothing.
        if ((people.isEmpty() && !editors.isEmpty())
                || (organizations.isEmpty() && !(companies.isEmpty() && apiCompanies.isEmpty()))) {
            return page(paging, new AuditTrail.Page(List.of(), false, false));
        }
        if (organizations.stream().distinct().count() > 1) {
            return Envelope.failure(400, List.of(Problem.of(
                    Problem.Type.INVALID_VALUE, "filter.company", "One company can be looked at at a time.")));
        }
        OrganizationId organization = organizations.isEmpty() ? caller.organization() : organizations.getFirst();
        return page(paging, auditing.query(caller, organization, people, cut(paging)));
    }

    private static <T> List<T> found(List<String> texts, Function<String, Optional<T>> look) {
        return texts.stream().flatMap(text -> look.apply(text).stream()).distinct().toList();
    }

    /** A filter's texts: one by itself, under {@code equal}, or several under {@code in}; the name may have a dot. */
    private static List<String> values(Optional<Fields> filter, String entity, String field) {
        return filter.map(all -> all.has(entity + "." + field) ? all.choice(entity + "." + field)
                : all.object(entity).map(each -> each.choice(field)).orElse(List.of()))
                .orElse(List.of());
    }

    private static Cut cut(Paging paging) {
        return new Cut(paging.place().map(UUID::fromString), paging.backward(), paging.limit());
    }

    private Reply page(Paging paging, AuditTrail.Page page) {
        return paging.page(page.entries(), page.newer(), page.older(), this::json, entry -> entry.id().toString());
    }

    private ObjectNode json(AuditTrail.Entry entry) {
        AuditTrail.Change change = entry.change();
        ObjectNode editor = names.author(change.editor().person())
                .put("id", TightIds.text(TightIds.USER, change.editor().person().value()));
        change.editor().client().ifPresent(client -> editor.put("clientId", client));
        ObjectNode json = JsonText.object()
                .put("id", TightIds.text(TightIds.AUDIT, entry.id()))
                .put("entityId", TightIds.text(prefix(change.entity().kind()), change.entity().id()))
                .put("action", change.action().name())
                .put("datetime", entry.at().toString());
        json.set("company", names.company(change.organization()));
        json.set("editor", editor);
        ArrayNode revisions = json.putArray("revisions");
        for (Revision revision : change.revisions()) {
            ObjectNode field = revisions.addObject().put("field", revision.field());
            if (revision instanceof Revision.Shown(_, String before, String after)) {
                field.put("before", before).put("after", after);
            }
            if (revision instanceof Revision.Measured(_, long bytes)) {
                field.put("bytes", bytes);
            }
        }
        return json;
    }

    private static String prefix(Kind kind) {
        return switch (kind) {
            case MESSAGE -> TightIds.MESSAGE;
            case CONVERSATION -> TightIds.CONVERSATION;
            case ATTACHMENT -> TightIds.ATTACHMENT;
            case COMPANY -> TightIds.COMPANY;
            case PERSON -> TightIds.USER;
        };
    }
}
