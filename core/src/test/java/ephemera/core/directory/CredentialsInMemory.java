package ephemera.core.directory;

import ephemera.core.Failure;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Keys in memory that keep the port's promises, for tests of the rules above them. Thread-safe. */
final class CredentialsInMemory implements Credentials {

    private final Map<String, Credential> live = new LinkedHashMap<>();

    @Override
    public synchronized Optional<Credential> credential(String key) {
        return Optional.ofNullable(live.get(key));
    }

    @Override
    public synchronized List<Listed> of(PersonId person) {
        return live.values().stream()
                .filter(each -> each.person().equals(person))
                .map(each -> new Listed(each, Instant.EPOCH))
                .toList();
    }

    @Override
    public synchronized void add(Collection<Credential> credentials) {
        if (!credentials.stream().flatMap(each -> each.openedWith().stream()).allMatch(live::containsKey)) {
            throw Failure.WRONG_CREDENTIALS.refused();
        }
        credentials.forEach(each -> live.put(each.key(), each));
    }

    @Override
    public synchronized boolean revoke(String key) {
        boolean revoked = live.remove(key) != null;
        live.values().stream()
                .filter(each -> each.openedWith().equals(Optional.of(key)))
                .map(Credential::key)
                .toList()
                .forEach(this::revoke);
        return revoked;
    }

    @Override
    public synchronized int revokeSessions(PersonId person) {
        List<Credential> sessions = of(person).stream()
                .map(Listed::credential)
                .filter(each -> each.kind() == Credential.Kind.SESSION)
                .toList();
        sessions.forEach(each -> revoke(each.key()));
        return sessions.size();
    }
}
