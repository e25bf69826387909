package ephemera.core.directory;

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
    public synchronized List<Credential> of(PersonId person) {
        return live.values().stream().filter(each -> each.person().equals(person)).toList();
    }

    @Override
    public synchronized void add(Collection<Credential> credentials) {
        credentials.forEach(each -> live.put(each.key(), each));
    }

    @Override
    public synchronized boolean revoke(String key) {
        return live.remove(key) != null;
    }

    @Override
    public synchronized int revokeSessions(PersonId person) {
        List<Credential> sessions = of(person).stream()
                .filter(each -> each.kind() == Credential.Kind.SESSION)
                .toList();
        sessions.forEach(each -> live.remove(each.key()));
        return sessions.size();
    }
}
