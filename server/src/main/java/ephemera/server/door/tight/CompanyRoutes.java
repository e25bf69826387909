package ephemera.server.door.tight;

import ephemera.core.Failure;
import ephemera.core.directory.Address;
import ephemera.core.directory.Caller;
import ephemera.core.directory.Companies;
import ephemera.core.directory.Company;
import ephemera.core.directory.CompanyRegister;
import ephemera.core.directory.Person;
import ephemera.core.directory.PersonId;
import ephemera.server.http.Access;
import ephemera.server.http.Call;
import ephemera.server.http.JsonText;
import ephemera.server.http.Reply;
import ephemera.server.http.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Companies and the people in them, as far as tokens need them (contract B.4.6). */
final class CompanyRoutes {

    private final Companies companies;
    private final Idempotent idempotent;
    private final Bookmarks bookmarks;
    private final Supplier<String> url;

    CompanyRoutes(Companies companies, Idempotent idempotent, Bookmarks bookmarks, Supplier<String> url) {
        this.companies = companies;
        this.idempotent = idempotent;
        this.bookmarks = bookmarks;
        this.url = url;
    }

    List<Route> routes() {
        return List.of(
                idempotent.writing("/v6/company", saving(this::company, this::companyNow)),
                idempotent.reading("/v6/company/query", this::queryCompanies),
                new Route("GET", "/v6/company/{id}", Access.TOKEN, this::company),
                new Route("DELETE", "/v6/company/{id}", Access.TOKEN, this::close),
                idempotent.writing("/v6/bookkeepers", saving(this::bookkeeper, this::bookkeeperNow)),
                idempotent.reading("/v6/bookkeepers/query", this::queryBookkeepers),
                idempotent.writing("/v6/bookkeepers/invite", saving(this::invited, this::bookkeeperNow)),
                new Route("GET", "/v6/bookkeepers/{id}", Access.TOKEN, this::bookkeeper));
    }

    /** The saving of an item; if something is wrong with it, that is noted in its fields. */
    private interface One {

        /** Saves it, with that id if it is new. */
        Optional<Batch.Saved> save(Caller caller, Fields fields, Optional<UUID> newId);
    }

    /** Each item by itself. */
    private static Batch saving(One one, BiFunction<Caller, UUID, JsonNode> now) {
        return Batch.orOne(
                (attempt, items) -> IntStream.range(0, items.size())
                        .mapToObj(i -> {
                            Fields fields = Fields.of(items.get(i));
                            return fields.item(() -> one.save(attempt.call().caller(), fields, attempt.newId(i)));
                        })
                        .toList(),
                now);
    }

    private Optional<Batch.Saved> company(Caller caller, Fields fields, Optional<UUID> newId) {
        Optional<UUID> id = fields.id("id", TightIds.COMPANY);
        Optional<String> name = fields.text("name");
        if (!fields.has("id") && name.isEmpty()) {
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
        if (!fields.isFine()) {
            return Optional.empty();
        }
        Company saved = companies.save(caller, draft, newId);
        return Optional.of(Batch.Saved.done(saved.id(), json(saved)));
    }

    private JsonNode companyNow(Caller caller, UUID id) {
        return json(companies.company(caller, id));
    }

    private static Companies.Somebody somebody(Fields fields) {
        return new Companies.Somebody(
                fields.text("userId"), fields.email("email"), fields.text("firstName"), fields.text("lastName"));
    }

    /** Whom userId or address name is found again by them: a repetition needs no id to recognise them. */
    private Optional<Batch.Saved> bookkeeper(Caller caller, Fields fields, Optional<UUID> newId) {
        Optional<PersonId> id = fields.id("id", TightIds.BOOKKEEPER).map(PersonId::new);
        Companies.Somebody somebody = somebody(fields);
        fields.word("role", List.of("ACCOUNTANT", "BOOKKEEPER"));
        if (!fields.has("id") && somebody.userId().isEmpty() && somebody.email().isEmpty()) {
            fields.missing("userId");
        }
        return saved(caller, id, somebody, fields);
    }

    private Optional<Batch.Saved> invited(Caller caller, Fields fields, Optional<UUID> newId) {
        Optional<String> email = fields.email("email");
        if (email.isEmpty()) {
            fields.missing("email");
        }
        return saved(caller, Optional.empty(), new Companies.Somebody(
                Optional.empty(), email, fields.text("firstName"), fields.text("lastName")), fields);
    }

    private Optional<Batch.Saved> saved(
            Caller caller, Optional<PersonId> id, Companies.Somebody somebody, Fields fields) {
        if (!fields.isFine()) {
            return Optional.empty();
        }
        Person saved = companies.bookkeeper(caller, id, somebody);
        return Optional.of(Batch.Saved.done(saved.id().value(), bookkeeper(saved)));
    }

    private JsonNode bookkeeperNow(Caller caller, UUID id) {
        return bookkeeper(companies.bookkeeper(caller, new PersonId(id)));
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
        String name = named(fields);
        return page(call, fields, "companies " + name, part -> companies.companies(call.caller(), name, part),
                this::json, Company::id);
    }

    private Reply queryBookkeepers(Call call) {
        return page(call, Fields.of(call.parameters().json()), "bookkeepers",
                part -> companies.bookkeepers(call.caller(), part), CompanyRoutes::bookkeeper,
                person -> person.id().value());
    }

    /** The part of the name that is looked for; of all filters this is the one that there is. */
    private static String named(Fields fields) {
        Optional<Fields> filter = fields.object("filter");
        filter.ifPresent(all -> all.only(List.of("name")));
        Optional<Fields> name = filter.flatMap(all -> all.object("name"));
        name.ifPresent(all -> all.only(List.of("contain")));
        return name.flatMap(all -> all.text("contain")).orElse("");
    }

    /** A page; one more than it holds is looked for, to know whether there are more. */
    private <T> Reply page(
            Call call,
            Fields fields,
            String list,
            Function<CompanyRegister.Part, List<T>> read,
            Function<T, JsonNode> json,
            Function<T, UUID> id) {
        Paging paging = Paging.of(call, fields, bookmarks, list);
        if (!fields.isFine()) {
            return Envelope.failure(400, fields.problems());
        }
        List<T> found = read.apply(new CompanyRegister.Part(
                paging.place().map(UUID::fromString), paging.backward(), paging.limit() + 1));
        boolean more = found.size() > paging.limit();
        int last = found.size();
        List<T> wanted = !more ? found : paging.backward() ? found.subList(1, last) : found.subList(0, last - 1);
        return paging.page(wanted, more, json, each -> id.apply(each).toString());
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
