package ephemera.server.door.tight;

import ephemera.core.Failure;
import ephemera.core.directory.Address;
import ephemera.core.directory.Caller;
import ephemera.core.directory.Companies;
import ephemera.core.directory.Company;
import ephemera.core.directory.Person;
import ephemera.core.directory.PersonId;
import ephemera.server.http.Access;
import ephemera.server.http.Call;
import ephemera.server.http.JsonText;
import ephemera.server.http.Reply;
import ephemera.server.http.Route;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Companies and the people in them, as far as tokens need them (contract B.4.6). */
final class CompanyRoutes {

    private static final int MOST = 250;
    private static final int USUAL = 100;

    private final Companies companies;
    private final Supplier<String> url;

    CompanyRoutes(Companies companies, Supplier<String> url) {
        this.companies = companies;
        this.url = url;
    }

    List<Route> routes() {
        return List.of(
                new Route("POST", "/v6/company", Access.TOKEN, call -> save(call, this::company)),
                new Route("POST", "/v6/company/query", Access.TOKEN, this::queryCompanies),
                new Route("GET", "/v6/company/{id}", Access.TOKEN, this::company),
                new Route("DELETE", "/v6/company/{id}", Access.TOKEN, this::close),
                new Route("POST", "/v6/bookkeepers", Access.TOKEN, call -> save(call, this::bookkeeper)),
                new Route("POST", "/v6/bookkeepers/query", Access.TOKEN, this::queryBookkeepers),
                new Route("POST", "/v6/bookkeepers/invite", Access.TOKEN, call -> save(call, this::invited)),
                new Route("GET", "/v6/bookkeepers/{id}", Access.TOKEN, this::bookkeeper));
    }

    /** Does what is asked for one thing, or for each of a list of them (contract B.2 and B.4.6). */
    private static Reply save(Call call, BiFunction<Caller, Fields, Envelope.Item> one) {
        // Once for all: a batch of refusals that have one cause would hide it.
        call.caller().requireWrite();
        ObjectNode body = call.parameters().json();
        JsonNode data = body.path("data");
        if (data.isMissingNode()) {
            Envelope.Item item = one.apply(call.caller(), Fields.of(body));
            return item.problems().isEmpty()
                    ? Envelope.success(item.data())
                    : Envelope.failure(item.status(), item.problems());
        }
        if (!data.isArray() || data.isEmpty() || data.size() > MOST) {
            return Envelope.failure(400, List.of(Envelope.Problem.of(
                    Envelope.Problem.Type.INVALID_VALUE, "data", "This must be a list of 1 to " + MOST + " items.")));
        }
        List<Envelope.Item> items = new ArrayList<>();
        data.forEach(each -> items.add(one.apply(call.caller(), Fields.of(each))));
        return Envelope.batch(items);
    }

    private Envelope.Item company(Caller caller, Fields fields) {
        Optional<UUID> id = fields.id("id", TightIds.COMPANY);
        Optional<String> name = fields.text("name");
        if (id.isEmpty() && name.isEmpty() && fields.isFine()) {
            fields.missing("name");
        }
        List<Companies.Somebody> owners = new ArrayList<>();
        for (Fields owner : fields.objects("owners")) {
            Companies.Somebody somebody = somebody(owner);
            if (somebody.userId().isEmpty() && somebody.email().isEmpty()) {
                owner.missing("userId");
            }
            owners.add(somebody);
        }
        Companies.Draft draft =
                new Companies.Draft(id, name, fields.text("entityType"), fields.text("apiCompanyId"), owners);
        return fields.item(() -> json(companies.save(caller, draft)));
    }

    private static Companies.Somebody somebody(Fields fields) {
        return new Companies.Somebody(
                fields.text("userId"), fields.text("email"), fields.text("firstName"), fields.text("lastName"));
    }

    private Envelope.Item bookkeeper(Caller caller, Fields fields) {
        Optional<PersonId> id = fields.id("id", TightIds.BOOKKEEPER).map(PersonId::new);
        Companies.Somebody somebody = somebody(fields);
        if (id.isEmpty() && somebody.userId().isEmpty() && somebody.email().isEmpty() && fields.isFine()) {
            fields.missing("userId");
        }
        return fields.item(() -> bookkeeper(companies.bookkeeper(caller, id, somebody)));
    }

    private Envelope.Item invited(Caller caller, Fields fields) {
        Optional<String> email = fields.text("email");
        if (email.isEmpty() && fields.isFine()) {
            fields.missing("email");
        }
        Companies.Somebody somebody =
                new Companies.Somebody(Optional.empty(), email, fields.text("firstName"), fields.text("lastName"));
        return fields.item(() -> bookkeeper(companies.bookkeeper(caller, Optional.empty(), somebody)));
    }

    private Reply company(Call call) {
        return Envelope.success(json(companies.company(call.caller(), companyId(call))));
    }

    private Reply close(Call call) {
        return Envelope.success(json(companies.close(call.caller(), companyId(call))));
    }

    private static UUID companyId(Call call) {
        return TightIds.parse(TightIds.COMPANY, call.path("id")).orElseThrow(Failure.NOT_FOUND::refused);
    }

    private Reply bookkeeper(Call call) {
        PersonId id = TightIds.parse(TightIds.BOOKKEEPER, call.path("id"))
                .map(PersonId::new)
                .orElseThrow(Failure.NOT_FOUND::refused);
        return Envelope.success(bookkeeper(companies.bookkeeper(call.caller(), id)));
    }

    private Reply queryCompanies(Call call) {
        Fields fields = Fields.of(call.parameters().json());
        String name = named(call.parameters().json(), fields);
        return page(call, fields, TightIds.COMPANY,
                (after, limit) -> companies.companies(call.caller(), name, after, limit), this::json, Company::id);
    }

    private Reply queryBookkeepers(Call call) {
        Fields fields = Fields.of(call.parameters().json());
        return page(call, fields, TightIds.BOOKKEEPER,
                (after, limit) -> companies.bookkeepers(call.caller(), after.map(PersonId::new), limit),
                CompanyRoutes::bookkeeper, person -> person.id().value());
    }

    /** The part of the name that is looked for; of all filters this is the one that there is. */
    private static String named(ObjectNode body, Fields fields) {
        for (String filter : body.path("filter").propertyNames()) {
            if (!filter.equals("name")) {
                fields.wrong("filter." + filter, "There is no such filter.");
            }
        }
        JsonNode name = body.path("filter").path("name");
        name.propertyNames().stream().filter(each -> !each.equals("contain"))
                .forEach(each -> fields.wrong("filter.name." + each, "There is no such filter."));
        JsonNode text = name.path("contain");
        if (!text.isMissingNode() && !text.isString()) {
            fields.wrong("filter.name.contain", "This must be a text.");
        }
        return text.isString() ? JsonText.wellFormed(text.asString()) : "";
    }

    /** A page, which begins after the one that the cursor names. */
    private static <T> Reply page(
            Call call,
            Fields fields,
            String prefix,
            BiFunction<Optional<UUID>, Integer, List<T>> read,
            Function<T, ObjectNode> json,
            Function<T, UUID> id) {
        JsonNode wanted = call.parameters().json().path("limit");
        boolean usable = wanted.isMissingNode() || wanted.isNull()
                || (wanted.isInt() && wanted.asInt() >= 1 && wanted.asInt() <= MOST);
        if (!usable) {
            fields.wrong("limit", "This must be a number from 1 to " + MOST + ".");
        }
        Optional<UUID> after = fields.text("cursor").flatMap(cursor -> {
            Optional<UUID> known = TightIds.parse(prefix, decoded(cursor));
            if (known.isEmpty()) {
                fields.wrong("cursor", "This is no cursor of this list.");
            }
            return known;
        });
        if (!fields.isFine()) {
            return Envelope.failure(400, fields.problems());
        }
        int limit = wanted.isInt() ? wanted.asInt() : USUAL;
        List<T> found = read.apply(after, limit + 1);
        ArrayNode data = JsonText.array();
        found.stream().limit(limit).map(json).forEach(data::add);
        if (found.size() <= limit) {
            return Envelope.page(data, Optional.empty());
        }
        String last = TightIds.text(prefix, id.apply(found.get(limit - 1)));
        ObjectNode cursor = JsonText.object()
                .put("after", Base64.getUrlEncoder().withoutPadding()
                        .encodeToString(last.getBytes(StandardCharsets.US_ASCII)))
                .putNull("before");
        return Envelope.page(data, Optional.of(cursor));
    }

    private static String decoded(String cursor) {
        try {
            return new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.US_ASCII);
        } catch (IllegalArgumentException _) {
            return "";
        }
    }

    private ObjectNode json(Company company) {
        ObjectNode json = JsonText.object()
                .put("id", TightIds.text(TightIds.COMPANY, company.id()))
                .put("name", company.name())
                .put("entityType", company.entityType())
                .put("apiCompanyId", company.apiCompanyId().orElse(null))
                .put("status", company.active() ? "ACTIVE" : "INACTIVE")
                .put("readyToLaunchUrl", url.get() + "/")
                .put("createdDateTime", company.createdAt().toString());
        ArrayNode owners = json.putArray("owners");
        companies.owners(company).forEach(owner -> owners.add(person(TightIds.USER, owner)));
        return json;
    }

    private static ObjectNode bookkeeper(Person person) {
        return person(TightIds.BOOKKEEPER, person).put("role", "ACCOUNTANT").put("status", "ACTIVE");
    }

    private static ObjectNode person(String prefix, Person person) {
        return JsonText.object()
                .put("id", TightIds.text(prefix, person.id().value()))
                .put("userId", person.externalId().orElse(person.id().toString()))
                .put("email", person.email().map(Address.Email::text).orElse(null))
                .put("firstName", person.profile().firstName())
                .put("lastName", person.profile().lastName());
    }
}
