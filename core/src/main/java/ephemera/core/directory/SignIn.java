package ephemera.core.directory;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.Refused;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * How people and programs prove who they are, and how that ends.
 *
 * <p>A wrong password and an unknown login cost the same time and get the same answer. Thread-safe.
 */
public final class SignIn {

    private static final int KEY_LENGTH = 32;
    private static final int SECRET_LENGTH = 48;
    private static final int LONGEST_COUNTED = 100;
    private static final int JUDGED_AT_ONCE = 2;

    private final People people;
    private final Credentials credentials;
    private final Passwords passwords;
    private final Ids ids;
    /** The hash that unknown logins are compared with, so that they take as long as wrong passwords. */
    private final Supplier<String> nobodysHash;

    private final Attempts passwordsByLoginAndOrigin;
    private final Attempts passwordsByLogin;
    private final Attempts passwordsByOrigin;
    private final Attempts secrets;
    /** Keeps a burst of guesses from passing the limits before the first of them has failed. */
    private final Semaphore judging = new Semaphore(JUDGED_AT_ONCE, true);

    /** Makes the use cases of signing in over those stores. */
    public SignIn(People people, Credentials credentials, Passwords passwords, Ids ids, InstantSource clock) {
        this.people = people;
        this.credentials = credentials;
        this.passwords = passwords;
        this.ids = ids;
        this.nobodysHash = once(() -> passwords.hash(ids.alphanumeric(SECRET_LENGTH)));
        Duration window = Duration.ofMinutes(15);
        this.passwordsByLoginAndOrigin = new Attempts(clock, 10, window);
        this.passwordsByLogin = new Attempts(clock, 100, window);
        this.passwordsByOrigin = new Attempts(clock, 200, window);
        this.secrets = new Attempts(clock, 50, Duration.ofMinutes(1));
    }

    /** A refused sign-in, with the number of tries that are left before sign-ins are refused for a while. */
    public record Rejected(int attemptsLeft) implements Outcome {}

    /**
     * A successful sign-in.
     *
     * @param person who signed in
     * @param keys the session's key and secret
     */
    public record Accepted(Person person, KeyPair keys) implements Outcome {}

    /** What came of a sign-in with a password. */
    public sealed interface Outcome {}

    /**
     * Signs a person in with a password and opens a session.
     *
     * @param login e-mail address, phone number or username
     * @param origin where the call comes from, for limits
     * @throws Refused with {@code TOO_MANY} after too many failures
     */
    public Outcome withPassword(String login, String password, String origin) {
        Optional<Person> person = recognise(login, password, origin);
        return person.isPresent()
                ? new Accepted(person.get(), openSession(person.get().id()))
                : new Rejected(passwordsByLoginAndOrigin.left(subject(login) + " " + origin));
    }

    /** The person who has that login and password; notes a failure if there is none. */
    private Optional<Person> recognise(String login, String password, String origin) {
        judging.acquireUninterruptibly();
        try {
            return judge(login, password, origin);
        } finally {
            judging.release();
        }
    }

    private Optional<Person> judge(String login, String password, String origin) {
        String subject = subject(login);
        String subjectAtOrigin = subject + " " + origin;
        passwordsByOrigin.check(origin);
        passwordsByLogin.check(subject);
        passwordsByLoginAndOrigin.check(subjectAtOrigin);
        Optional<Person> person = Address.parse(login)
                .filter(form -> !(form instanceof Address.Token))
                .flatMap(people::signingIn);
        Optional<String> hash = person.map(Person::id).flatMap(people::passwordHash);
        boolean right =
                password.length() <= Passwords.LONGEST && passwords.matches(password, hash.orElseGet(nobodysHash));
        if (right && hash.isPresent()) {
            passwordsByLoginAndOrigin.succeeded(subjectAtOrigin);
            return person;
        }
        passwordsByOrigin.failed(origin);
        passwordsByLogin.failed(subject);
        passwordsByLoginAndOrigin.failed(subjectAtOrigin);
        return Optional.empty();
    }

    /** Computes a value at its first use: hashing takes a tenth of a second, which a start need not wait for. */
    private static Supplier<String> once(Supplier<String> computation) {
        return new Supplier<>() {
            private String value = "";

            @Override
            public synchronized String get() {
                if (value.isEmpty()) {
                    value = computation.get();
                }
                return value;
            }
        };
    }

    private static String subject(String login) {
        return Address.parse(login).map(Address::text).orElse("?");
    }

    /** Opens a session for somebody who has authenticated in another way. */
    public KeyPair openSession(PersonId person) {
        return issue(person, Credential.Kind.SESSION, Optional.empty());
    }

    /**
     * Opens a session with a key or another session; it ends with that.
     *
     * @throws Refused with {@code WRONG_CREDENTIALS} if that was revoked meanwhile
     */
    public KeyPair openSession(Caller caller) {
        return issue(caller.id(), Credential.Kind.SESSION, Optional.of(caller.credential().key()));
    }

    /** Makes an API key for a program that acts for that person. */
    public KeyPair issueKey(PersonId person) {
        return issue(person, Credential.Kind.API_KEY, Optional.empty());
    }

    /**
     * Recognises the holder of a key and secret.
     *
     * @param origin where the call comes from, for limits
     * @throws Refused with {@code WRONG_CREDENTIALS}, or with {@code TOO_MANY} after too many wrong secrets for one key
     */
    public Caller withSecret(String key, String secret, String origin) {
        Optional<Credential> credential = isPossible(key) ? credentials.credential(key) : Optional.empty();
        if (credential.isPresent() && MessageDigest.isEqual(credential.get().secretHash(), hashOf(secret))) {
            Optional<Person> person = people.person(credential.get().person());
            if (person.isPresent()) {
                return new Caller(person.get(), credential.get());
            }
        }
        // What can be no key is counted as one, since it would fill the table.
        String subject = (isPossible(key) ? key : "?") + " " + origin;
        secrets.check(subject);
        secrets.failed(subject);
        throw Failure.WRONG_CREDENTIALS.refused();
    }

    /** Whether the key with which somebody was recognised is still good. */
    public boolean holds(Caller caller) {
        return credentials.credential(caller.credential().key()).isPresent();
    }

    /** Whether that could be a key: no longer than one ever was, and without characters that no store can look for. */
    private static boolean isPossible(String key) {
        return key.length() <= LONGEST_COUNTED && key.chars().noneMatch(Character::isISOControl);
    }

    /** Ends the session or revokes the key that the caller used, with the sessions that were opened with it. */
    public void signOut(Caller caller) {
        credentials.revoke(caller.credential().key());
    }

    /**
     * Signs a person out on all devices; API keys stay.
     *
     * @throws Refused with {@code FORBIDDEN} unless it is the caller or the caller administers the organization
     */
    public void signOutEverywhere(Caller caller, Person person) {
        Directory.requireSelfOrAdministrator(caller, person);
        credentials.revokeSessions(person.id());
    }

    /**
     * Changes a password; other devices stay signed in.
     *
     * @param login the login that the current password belongs to
     * @param address whose password is to change, which must be the same person's
     * @throws Refused with {@code WRONG_CREDENTIALS} if login and password do not match, {@code FORBIDDEN} if they are
     *     somebody else's, {@code INVALID} if the new one is unusable
     */
    public void changePassword(String login, String address, String current, String changed, String origin) {
        Person person = recognise(login, current, origin).orElseThrow(Failure.WRONG_CREDENTIALS::refused);
        boolean own = Address.parse(address)
                .flatMap(parsed -> people.find(person.organization(), parsed))
                .filter(person::equals)
                .isPresent();
        if (!own) {
            throw Failure.FORBIDDEN.refused();
        }
        setPassword(person.id(), changed);
    }

    /** Sets a password without asking for the old one: for administrators. */
    public void setPassword(PersonId person, String changed) {
        if (changed.length() < 8 || changed.length() > Passwords.LONGEST) {
            throw Failure.INVALID.refused("A password has 8 to " + Passwords.LONGEST + " characters.");
        }
        people.setPasswordHash(person, passwords.hash(changed));
    }

    /** A new key and the credential to store for it, not stored yet: for adding many at once. */
    public Issued prepare(PersonId person, Credential.Kind kind) {
        return prepare(person, kind, Optional.empty());
    }

    private Issued prepare(PersonId person, Credential.Kind kind, Optional<String> openedWith) {
        KeyPair keys = new KeyPair(
                ids.alphanumeric(KEY_LENGTH), ids.alphanumeric(SECRET_LENGTH), ids.random().toString());
        return new Issued(
                keys,
                new Credential(keys.key(), hashOf(keys.secret()), person, kind, keys.resource(), openedWith));
    }

    /**
     * A new key pair beside what is stored of it.
     *
     * @param keys to be shown once
     * @param credential to be stored
     */
    public record Issued(KeyPair keys, Credential credential) {}

    private KeyPair issue(PersonId person, Credential.Kind kind, Optional<String> openedWith) {
        Issued issued = prepare(person, kind, openedWith);
        credentials.add(List.of(issued.credential()));
        return issued.keys();
    }

    private static byte[] hashOf(String secret) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
