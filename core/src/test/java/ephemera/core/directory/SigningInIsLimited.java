package ephemera.core.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.Limits;
import ephemera.core.Refused;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SigningInIsLimited {

    private static final String RIGHT = "correct horse";
    private static final String WRONG = "battery staple";
    private static final String HERE = "192.0.2.1";
    private static final int ALLOWED = 10;

    private Instant now = Instant.parse("2026-01-02T03:04:05Z");
    private final Ids ids = new Ids(() -> now, new Random(5));
    private final PeopleInMemory people = new PeopleInMemory();
    private final CredentialsInMemory credentials = new CredentialsInMemory();
    private final QuickPasswords passwords = new QuickPasswords();
    private final SignIn signIn = new SignIn(people, credentials, passwords, ids, () -> now);
    private final Person bob = member("Bob", "bob@example.com", "+15550100001", "bob");
    private final Person eve = member("Eve", "eve@example.com", "+15550100002", "eve");

    /** A hash that is quick and only for tests, and counts how often it is computed. */
    private static final class QuickPasswords implements Passwords {

        private final AtomicInteger computed = new AtomicInteger();
        private volatile CountDownLatch begin = new CountDownLatch(0);

        @Override
        public String hash(String password) {
            return Base64.getEncoder().encodeToString(password.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public boolean matches(String password, String hash) {
            computed.incrementAndGet();
            try {
                begin.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return hash(password).equals(hash);
        }
    }

    private Person member(String name, String email, String phone, String username) {
        Enrolment enrolment = new Enrolment(people, ids, Limits.DEFAULT);
        OrganizationId organization = people.organizations().stream()
                .findFirst()
                .orElseGet(() -> enrolment.organization("Clinic", Policy.DEFAULT))
                .id();
        Person person = enrolment.member(
                organization,
                new Enrolment.Newcomer(
                        name,
                        Optional.of(email),
                        Optional.of(phone),
                        Optional.of(username),
                        Person.Standing.MEMBER));
        signIn.setPassword(person.id(), RIGHT);
        return person;
    }

    private void fail(String login, String origin, int times) {
        for (int i = 0; i < times; i++) {
            assertThat(signIn.withPassword(login, WRONG, origin)).isInstanceOf(SignIn.Rejected.class);
        }
    }

    private Refused refusal(String login, String password, String origin) {
        return catchThrowableOfType(Refused.class, () -> signIn.withPassword(login, password, origin));
    }

    private boolean accepts(String login, String origin) {
        return signIn.withPassword(login, RIGHT, origin) instanceof SignIn.Accepted;
    }

    @ParameterizedTest
    @ValueSource(strings = {"bob@example.com", "BOB@EXAMPLE.COM", "+15550100001", "+1 (555) 010-0001", "bob", "Bob"})
    void whateverFormTheLoginHas(String login) {
        assertThat(signIn.withPassword(login, RIGHT, HERE)).isInstanceOfSatisfying(SignIn.Accepted.class, accepted -> {
            assertThat(accepted.person()).isEqualTo(bob);
            assertThat(signIn.withSecret(accepted.keys().key(), accepted.keys().secret(), HERE).person())
                    .isEqualTo(bob);
        });
        fail("bob", HERE, ALLOWED - 1);
        assertThat(signIn.withPassword("bob", WRONG, HERE)).isEqualTo(new SignIn.Rejected(0));
        assertThat(refusal("bob", RIGHT, HERE).failure()).isEqualTo(Failure.TOO_MANY);
    }

    @Test
    void aTokenIsNoLogin() {
        assertThat(signIn.withPassword(bob.id().toString(), RIGHT, HERE)).isInstanceOf(SignIn.Rejected.class);
    }

    @Test
    void theTriesAreCountedDownAndThenEvenTheRightPasswordIsRefused() {
        for (int left = ALLOWED - 1; left >= 0; left--) {
            assertThat(signIn.withPassword("bob", WRONG, HERE)).isEqualTo(new SignIn.Rejected(left));
        }
        int before = passwords.computed.get();
        Refused refused = refusal("bob", RIGHT, HERE);
        assertThat(refused.failure()).isEqualTo(Failure.TOO_MANY);
        assertThat(refused.retryAfter()).contains(Duration.ofMinutes(15));
        assertThat(passwords.computed.get()).as("refused without a look at the password").isEqualTo(before);
    }

    @Test
    void untilTheWindowHasPassed() {
        fail("bob", HERE, ALLOWED);
        now = now.plus(Duration.ofMinutes(15));
        assertThat(accepts("bob", HERE)).isTrue();
    }

    @Test
    void otherLoginsAndOtherOriginsAreNotAffected() {
        fail("bob", HERE, ALLOWED);
        assertThat(accepts("eve", HERE)).isTrue();
        assertThat(accepts("bob", "192.0.2.2")).isTrue();
        assertThat(refusal("bob", RIGHT, HERE)).isNotNull();
    }

    @Test
    void successForgivesWhatFailedBefore() {
        fail("bob", HERE, ALLOWED - 1);
        assertThat(accepts("bob", HERE)).isTrue();
        assertThat(signIn.withPassword("bob", WRONG, HERE)).isEqualTo(new SignIn.Rejected(ALLOWED - 1));
    }

    /** Guesses at one login from many addresses, and at many logins from one address. */
    @Test
    void spreadingTheGuessesHelpsNobody() {
        for (int i = 0; i < 100; i++) {
            fail("bob", "198.51.100." + i, 1);
        }
        assertThat(refusal("bob", RIGHT, "203.0.113.1").failure()).isEqualTo(Failure.TOO_MANY);
        for (int i = 0; i < 199; i++) {
            fail("nobody" + i, HERE, 1);
        }
        assertThat(accepts("eve", HERE)).isTrue();
        fail("nobody", HERE, 1);
        assertThat(refusal("eve", RIGHT, HERE).failure()).isEqualTo(Failure.TOO_MANY);
        assertThat(accepts("eve", "192.0.2.250")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody@example.com", "+15559999999", "nobody", "", "no login at all", "\u0000"})
    void anUnknownLoginTakesTheSamePath(String unknown) {
        int before = passwords.computed.get();
        for (int left = ALLOWED - 1; left >= 0; left--) {
            assertThat(signIn.withPassword(unknown, WRONG, HERE)).isEqualTo(new SignIn.Rejected(left));
        }
        assertThat(passwords.computed.get() - before).as("as many hashes as for a known login").isEqualTo(ALLOWED);
        assertThat(refusal(unknown, WRONG, HERE)).satisfies(refused -> {
            assertThat(refused.failure()).isEqualTo(Failure.TOO_MANY);
            assertThat(refused.retryAfter()).contains(Duration.ofMinutes(15));
        });
    }

    @Test
    void aMemberWithoutAPasswordIsLikeAnUnknownOne() {
        Person newcomer = new Enrolment(people, ids, Limits.DEFAULT)
                .member(
                        bob.organization(),
                        new Enrolment.Newcomer(
                                "New",
                                Optional.of("new@example.com"),
                                Optional.empty(),
                                Optional.empty(),
                                Person.Standing.MEMBER));
        int before = passwords.computed.get();
        assertThat(signIn.withPassword("new@example.com", WRONG, HERE)).isEqualTo(new SignIn.Rejected(ALLOWED - 1));
        assertThat(passwords.computed.get() - before).isEqualTo(1);
        assertThat(people.passwordHash(newcomer.id())).isEmpty();
    }

    /** Whoever sends all guesses at once gets no more of them judged than whoever sends one after the other. */
    @Test
    void manyGuessesAtOnceAreNoMoreThanManyInARow() throws Exception {
        AtomicInteger rejected = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        List<Future<?>> guesses = new ArrayList<>();
        passwords.begin = new CountDownLatch(500);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 500; i++) {
                guesses.add(threads.submit(() -> {
                    passwords.begin.countDown();
                    try {
                        signIn.withPassword("bob", WRONG, HERE);
                        rejected.incrementAndGet();
                    } catch (Refused _) {
                        refused.incrementAndGet();
                    }
                }));
            }
            for (Future<?> guess : guesses) {
                guess.get();
            }
        }
        // One more than allowed may be under way when the last allowed one fails.
        assertThat(rejected.get()).isBetween(ALLOWED, ALLOWED + 1);
        assertThat(rejected.get() + refused.get()).isEqualTo(500);
    }

    @Test
    void aPasswordTooLongToHashIsWrong() {
        assertThat(signIn.withPassword("bob", "x".repeat(Passwords.LONGEST + 1), HERE))
                .isEqualTo(new SignIn.Rejected(ALLOWED - 1));
    }

    @Test
    void wrongSecretsAreRefusedAndThenTooMany() {
        KeyPair keys = signIn.issueKey(bob.id());
        for (int i = 0; i < 50; i++) {
            assertThat(secretRefusal(keys.key(), "wrong")).isEqualTo(Failure.WRONG_CREDENTIALS);
        }
        assertThat(secretRefusal(keys.key(), "wrong")).isEqualTo(Failure.TOO_MANY);
        // Whoever knows the secret is not locked out by somebody who guesses it.
        assertThatCode(() -> signIn.withSecret(keys.key(), keys.secret(), HERE)).doesNotThrowAnyException();
        KeyPair others = signIn.issueKey(eve.id());
        assertThat(secretRefusal(others.key(), "wrong")).isEqualTo(Failure.WRONG_CREDENTIALS);
        now = now.plusSeconds(60);
        assertThat(secretRefusal(keys.key(), "wrong")).isEqualTo(Failure.WRONG_CREDENTIALS);
    }

    @Test
    void anUnknownKeyIsLikeAWrongSecret() {
        for (int i = 0; i < 50; i++) {
            assertThat(secretRefusal("nobody", "wrong")).isEqualTo(Failure.WRONG_CREDENTIALS);
        }
        assertThat(secretRefusal("nobody", "wrong")).isEqualTo(Failure.TOO_MANY);
        assertThat(secretRefusal("x".repeat(60_000), "wrong")).isEqualTo(Failure.WRONG_CREDENTIALS);
    }

    private Failure secretRefusal(String key, String secret) {
        return catchThrowableOfType(Refused.class, () -> signIn.withSecret(key, secret, HERE)).failure();
    }

    @Test
    void keysAreUnguessableAndKeptAsHashesOnly() {
        KeyPair keys = signIn.issueKey(bob.id());
        assertThat(keys.key()).matches("[0-9A-Za-z]{32}");
        assertThat(keys.secret()).matches("[0-9A-Za-z]{48}");
        assertThat(keys.toString()).doesNotContain(keys.secret());
        Credential stored = credentials.credential(keys.key()).orElseThrow();
        assertThat(stored.secretHash()).hasSize(32);
        assertThat(stored.toString()).doesNotContain(keys.secret(), Arrays.toString(stored.secretHash()));
    }

    @Test
    void signingOutEndsTheKeyThatWasUsed() {
        KeyPair one = signIn.openSession(bob.id());
        KeyPair other = signIn.openSession(bob.id());
        signIn.signOut(signIn.withSecret(one.key(), one.secret(), HERE));
        assertThat(secretRefusal(one.key(), one.secret())).isEqualTo(Failure.WRONG_CREDENTIALS);
        assertThatCode(() -> signIn.withSecret(other.key(), other.secret(), HERE)).doesNotThrowAnyException();
    }

    @Test
    void signingOutEverywhereEndsSessionsAndNoApiKey() {
        KeyPair session = signIn.openSession(bob.id());
        KeyPair program = signIn.issueKey(bob.id());
        KeyPair others = signIn.openSession(eve.id());
        Caller caller = signIn.withSecret(program.key(), program.secret(), HERE);
        signIn.signOutEverywhere(caller, bob);
        assertThat(secretRefusal(session.key(), session.secret())).isEqualTo(Failure.WRONG_CREDENTIALS);
        assertThatCode(() -> signIn.withSecret(program.key(), program.secret(), HERE)).doesNotThrowAnyException();
        assertThatCode(() -> signIn.withSecret(others.key(), others.secret(), HERE)).doesNotThrowAnyException();
        assertThat(catchThrowableOfType(Refused.class, () -> signIn.signOutEverywhere(caller, eve)).failure())
                .isEqualTo(Failure.FORBIDDEN);
    }

    @Test
    void aPasswordIsChangedByWhoKnowsTheOldOne() {
        signIn.changePassword("bob", "bob@example.com", RIGHT, "another horse", HERE);
        assertThat(signIn.withPassword("bob", RIGHT, HERE)).isInstanceOf(SignIn.Rejected.class);
        assertThat(signIn.withPassword("bob", "another horse", HERE)).isInstanceOf(SignIn.Accepted.class);
    }

    @Test
    void andNobodyElsesAndOnlyToAUsableOne() {
        assertThat(changeRefusal("eve@example.com", RIGHT, "another horse")).isEqualTo(Failure.FORBIDDEN);
        assertThat(changeRefusal("nobody@example.com", RIGHT, "another horse")).isEqualTo(Failure.FORBIDDEN);
        assertThat(changeRefusal("bob@example.com", WRONG, "another horse")).isEqualTo(Failure.WRONG_CREDENTIALS);
        assertThat(changeRefusal("bob@example.com", RIGHT, "1234567")).isEqualTo(Failure.INVALID);
        assertThat(changeRefusal("bob@example.com", RIGHT, "x".repeat(Passwords.LONGEST + 1)))
                .isEqualTo(Failure.INVALID);
        fail("bob", HERE, ALLOWED - 1);
        assertThat(changeRefusal("bob@example.com", RIGHT, "1234567")).as("the right one forgives")
                .isEqualTo(Failure.INVALID);
        fail("bob", HERE, ALLOWED);
        assertThat(changeRefusal("bob@example.com", RIGHT, "another horse")).isEqualTo(Failure.TOO_MANY);
    }

    private Failure changeRefusal(String address, String current, String changed) {
        return catchThrowableOfType(
                Refused.class, () -> signIn.changePassword("bob", address, current, changed, HERE))
                .failure();
    }
}
