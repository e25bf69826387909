package ephemera.server.door.tight;

import ephemera.core.directory.Address;
import ephemera.core.directory.Caller;
import ephemera.core.directory.Client;
import ephemera.core.directory.Company;
import ephemera.core.directory.CompanyRegister;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.People;
import ephemera.core.directory.Person;
import ephemera.core.directory.PersonId;
import ephemera.core.directory.UserIds;
import ephemera.server.http.JsonText;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/** How this door calls people and companies. Thread-safe. */
final class TightNames implements AuditRoutes.Names {

    private final People people;
    private final CompanyRegister companies;
    private final UserIds users;

    TightNames(People people, CompanyRegister companies, UserIds users) {
        this.people = people;
        this.companies = companies;
        this.users = users;
    }

    /** A person as the author of something: what applications call them, or their token, and their address. */
    @Override
    public ObjectNode author(PersonId id) {
        Optional<Person> person = people.person(id);
        return JsonText.object()
                .put("userId", person.flatMap(Person::externalId).orElse(id.toString()))
                .put("email", person.flatMap(Person::email).map(Address.Email::text).orElse(null));
    }

    @Override
    public ObjectNode company(OrganizationId organization) {
        ObjectNode json = JsonText.object();
        companies.of(organization).ifPresent(company -> json.put(
                "id", TightIds.text(TightIds.COMPANY, company.id()))
                .put("apiCompanyId", company.apiCompanyId().orElse(null)));
        return json;
    }

    @Override
    public Optional<PersonId> person(Caller caller, String userId) {
        return caller.client().flatMap(client -> users.find(client, userId)).map(Person::id);
    }

    @Override
    public Optional<OrganizationId> company(Caller caller, String token) {
        return TightIds.parse(TightIds.COMPANY, token)
                .flatMap(companies::company)
                .filter(company -> isSeen(caller, company))
                .map(Company::organization);
    }

    @Override
    public Optional<OrganizationId> apiCompany(Caller caller, String apiCompanyId) {
        return Stream.concat(
                companies.of(caller.organization()).stream(),
                caller.client().flatMap(client -> companies.named(client, apiCompanyId)).stream())
                .filter(company -> company.apiCompanyId().equals(Optional.of(apiCompanyId)))
                .filter(company -> isSeen(caller, company))
                .map(Company::organization)
                .findFirst();
    }

    private static boolean isSeen(Caller caller, Company company) {
        return company.organization().equals(caller.organization())
                || (caller.isApplication() && company.creator().equals(caller.client().map(Client::id)));
    }
}
