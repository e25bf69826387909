package ephemera.core.directory;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/** Clients in memory that keep the port's promises, for tests of the rules above them. Thread-safe. */
final class ClientsInMemory implements Clients {

    private final PeopleInMemory people;
    private final Map<ClientId, Client> live = new LinkedHashMap<>();
    private final Map<ClientId, Set<OrganizationId>> created = new HashMap<>();
    private final Map<Fingerprint, AccessToken> access = new HashMap<>();
    private final Map<Fingerprint, RefreshToken> refresh = new HashMap<>();
    private final Map<Fingerprint, AuthorizationCode> codes = new HashMap<>();
    private final Set<Fingerprint> used = new HashSet<>();

    ClientsInMemory(PeopleInMemory people) {
        this.people = people;
    }

    /** Lets a client act in an organization as if it had created it. */
    synchronized void reach(Client client, OrganizationId organization) {
        created.computeIfAbsent(client.id(), _ -> new HashSet<>()).add(organization);
    }

    /** Lets a client act there no longer. */
    synchronized void unreach(Client client, OrganizationId organization) {
        created.getOrDefault(client.id(), new HashSet<>()).remove(organization);
    }

    @Override
    public synchronized Optional<Client> client(ClientId id) {
        return Optional.ofNullable(live.get(id));
    }

    @Override
    public synchronized List<Client> of(Optional<OrganizationId> organization) {
        return live.values().stream()
                .filter(each -> organization.map(each.organization()::equals).orElse(true))
                .toList();
    }

    @Override
    public synchronized void add(Client client, Person person) {
        people.add(List.of(person));
        live.put(client.id(), client);
    }

    @Override
    public synchronized boolean revoke(ClientId id) {
        access.values().removeIf(each -> each.client().equals(id));
        return live.remove(id) != null;
    }

    @Override
    public synchronized boolean setSecret(ClientId id, Fingerprint secret) {
        return live.computeIfPresent(id, (_, client) -> client.with(secret)) != null;
    }

    @Override
    public synchronized boolean reaches(Client client, OrganizationId organization) {
        return client.organization().equals(organization)
                || created.getOrDefault(client.id(), Set.of()).contains(organization);
    }

    @Override
    public synchronized Optional<PersonId> user(Client client, String externalId) {
        return people.all().stream()
                .filter(each -> reaches(client, each.organization()))
                .filter(each -> each.externalId().filter(externalId::equals).isPresent())
                .map(Person::id)
                .findFirst();
    }

    @Override
    public synchronized Optional<AccessToken> access(Fingerprint hash) {
        return Optional.ofNullable(access.get(hash));
    }

    @Override
    public synchronized void add(AccessToken token) {
        access.put(token.hash(), token);
    }

    @Override
    public synchronized void add(AuthorizationCode code) {
        codes.put(code.hash(), code);
    }

    @Override
    public synchronized Optional<Issue> redeem(
            Fingerprint code, ClientId client, Function<AuthorizationCode, Optional<Issue>> next) {
        return Optional.ofNullable(codes.get(code))
                .filter(each -> each.client().equals(client))
                .flatMap(each -> use(code, each.family(), () -> next.apply(each)));
    }

    @Override
    public synchronized Optional<Issue> rotate(
            Fingerprint token, ClientId client, Function<RefreshToken, Optional<Issue>> next) {
        return Optional.ofNullable(refresh.get(token))
                .filter(each -> each.client().equals(client))
                .flatMap(each -> use(token, each.family(), () -> next.apply(each)));
    }

    private interface Next {
        Optional<Issue> made();
    }

    private Optional<Issue> use(Fingerprint hash, UUID family, Next next) {
        if (used.contains(hash)) {
            end(family);
            return Optional.empty();
        }
        Optional<Issue> issue = next.made();
        used.add(hash);
        issue.ifPresent(made -> {
            add(made.access());
            made.refresh().ifPresent(token -> refresh.put(token.hash(), token));
        });
        return issue;
    }

    private void end(UUID family) {
        refresh.values().removeIf(each -> each.family().equals(family));
        access.values().removeIf(each -> each.family().filter(family::equals).isPresent());
    }

    @Override
    public synchronized boolean revoke(Fingerprint token, ClientId client) {
        Optional<RefreshToken> found =
                Optional.ofNullable(refresh.get(token)).filter(each -> each.client().equals(client));
        if (found.isPresent()) {
            end(found.get().family());
            return true;
        }
        boolean own = access(token).filter(each -> each.client().equals(client)).isPresent();
        if (own) {
            access.remove(token);
        }
        return own;
    }
}
