package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.Refused;
import ephemera.core.directory.Caller;
import ephemera.core.directory.KeyPair;
import ephemera.core.directory.PersonId;
import ephemera.core.directory.SignIn;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two servers on one database: a session is worth nothing on either once its key is revoked. */
@Timeout(180)
class SessionEndsWithItsKey {

    private static final Ids IDS = new Ids(Clock.systemUTC(), new SecureRandom());
    private static final String HERE = "192.0.2.1";

    private final OwnDatabase own = new OwnDatabase();
    private final Node node = new Node(own).start();
    private final PersonId ann = node.person();
    private final Side here = new Side();
    private final Side there = new Side();
    private final KeyPair key = here.signIn.issueKey(ann);

    /** What a server has to do with keys. */
    private final class Side implements AutoCloseable {

        private final Database database = own.open(4);
        private final PostgresPeople people = new PostgresPeople(database, new Json());
        private final PostgresCredentials credentials = new PostgresCredentials(database);
        private final SignIn signIn =
                new SignIn(people, credentials, new Argon2Passwords(new SecureRandom()), IDS, Clock.systemUTC());
        private final Notifications notifications = new Notifications(database);
        private final BlockingQueue<String> ended = new LinkedBlockingQueue<>();

        Side() {
            credentials.whenRevoked((_, revoked) -> ended.add(revoked), Map::of);
            notifications.listen(people);
            notifications.listen(credentials);
            notifications.start();
        }

        Caller caller(KeyPair keys) {
            return signIn.withSecret(keys.key(), keys.secret(), HERE);
        }

        void refuses(KeyPair keys) {
            assertThat(catchThrowableOfType(Refused.class, () -> caller(keys)).failure())
                    .isEqualTo(Failure.WRONG_CREDENTIALS);
        }

        @Override
        public void close() {
            notifications.close();
            database.close();
        }
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
        node.close();
        own.close();
    }

    @Test
    void onEveryServerWithTheSessionsThatItHasOpened() throws Exception {
        KeyPair session = here.signIn.openSession(here.caller(key));
        KeyPair another = here.signIn.openSession(here.caller(session));
        KeyPair byPassword = here.signIn.openSession(ann);
        List<KeyPair> all = List.of(key, session, another);
        all.forEach(there::caller);
        here.credentials.revoke(key.key());
        all.forEach(here::refuses);
        List<String> told = new ArrayList<>();
        while (told.size() < all.size()) {
            told.add(there.ended.poll(60, TimeUnit.SECONDS));
        }
        assertThat(told).containsExactlyInAnyOrderElementsOf(all.stream().map(KeyPair::key).toList());
        all.forEach(there::refuses);
        assertThat(there.caller(byPassword).id()).isEqualTo(ann);
    }

    @Test
    void notWithASessionOfTheSameKey() {
        KeyPair one = here.signIn.openSession(here.caller(key));
        KeyPair other = here.signIn.openSession(here.caller(key));
        here.signIn.signOut(here.caller(one));
        here.refuses(one);
        assertThat(here.caller(other).id()).isEqualTo(ann);
        assertThat(here.caller(key).id()).isEqualTo(ann);
    }

    /** Also one that another server took for good a moment ago. */
    @Test
    void andNoneIsOpenedWithARevokedKey() {
        Caller before = there.caller(key);
        here.credentials.revoke(key.key());
        assertThat(catchThrowableOfType(Refused.class, () -> there.signIn.openSession(before)).failure())
                .isEqualTo(Failure.WRONG_CREDENTIALS);
        assertThat(here.credentials.of(ann)).isEmpty();
    }

    @Test
    void howeverCloselyTheTwoMeet() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 50; i++) {
                KeyPair leaked = here.signIn.issueKey(ann);
                Caller caller = there.caller(leaked);
                Callable<Object> opening = () -> {
                    try {
                        return there.signIn.openSession(caller);
                    } catch (Refused refused) {
                        return refused.failure();
                    }
                };
                for (var opened : threads.invokeAll(
                        List.of(opening, opening, () -> here.credentials.revoke(leaked.key()), opening))) {
                    assertThat(opened.get()).satisfiesAnyOf(
                            result -> assertThat(result).isInstanceOf(KeyPair.class),
                            result -> assertThat(result).isIn(true, Failure.WRONG_CREDENTIALS));
                }
                assertThat(here.credentials.of(ann)).extracting(listed -> listed.credential().key())
                        .containsExactly(key.key());
            }
        }
    }

    /** A revocation of which this server heard nothing ends streams all the same, at the next look. */
    @Test
    void alsoUnheard() {
        KeyPair session = here.signIn.openSession(here.caller(key));
        KeyPair byPassword = here.signIn.openSession(ann);
        Caller caller = there.caller(session);
        there.credentials.whenRevoked(
                (_, revoked) -> there.ended.add(revoked),
                () -> Map.of(key.key(), ann, session.key(), ann, byPassword.key(), ann, "token " + "0".repeat(64),
                        ann));
        assertThat(there.signIn.holds(caller)).isTrue();
        node.execute("DELETE FROM credential WHERE key = ?", session.key());
        there.credentials.endRevoked();
        assertThat(there.ended).containsExactly(session.key());
        assertThat(there.signIn.holds(caller)).isFalse();
    }

    @Test
    void andAllGoWithTheirPerson() {
        KeyPair session = here.signIn.openSession(here.caller(key));
        here.signIn.openSession(here.caller(session));
        new Erasure(here.database, new Json(), node.epochs, node.outbox).erase(ann);
        assertThat(here.credentials.of(ann)).isEmpty();
    }
}
