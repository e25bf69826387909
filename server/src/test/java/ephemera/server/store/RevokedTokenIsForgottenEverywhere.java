package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.Limits;
import ephemera.core.Refused;
import ephemera.core.directory.AccessToken;
import ephemera.core.directory.Caller;
import ephemera.core.directory.ClientEnrolment;
import ephemera.core.directory.Companies;
import ephemera.core.directory.Company;
import ephemera.core.directory.Fingerprint;
import ephemera.core.directory.PersonId;
import ephemera.core.directory.Policy;
import ephemera.core.directory.Tokens;
import ephemera.core.vault.Grid;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two servers on one database: what ends on the one is worth nothing on the other, which had seen it before. */
@Timeout(180)
class RevokedTokenIsForgottenEverywhere {

    private static final Ids IDS = new Ids(Clock.systemUTC(), new SecureRandom());

    private final OwnDatabase own = new OwnDatabase();
    private final Node node = new Node(own).start();
    private final PersonId ann = node.person();
    private final Side here = new Side();
    private final Side there = new Side();
    private final ClientEnrolment.Enrolled client =
            here.enrolment.client(Node.ORGANIZATION, "Books", List.of("https://app.example/"));
    private final Tokens.Shown shown =
            new Tokens.Shown(client.client().id().toString(), client.secret(), "192.0.2.1");

    /** What a server has to do with tokens. */
    private final class Side implements AutoCloseable {

        private final Database database = own.open(4);
        private final PostgresPeople people = new PostgresPeople(database, new Json());
        private final PostgresClients clients = new PostgresClients(database);
        private final Tokens tokens = new Tokens(clients, people, IDS, Clock.systemUTC());
        private final ClientEnrolment enrolment = new ClientEnrolment(clients, IDS, Limits.DEFAULT);
        private final Companies companies = new Companies(
                new PostgresCompanies(database, clients, people),
                clients, people, IDS, Clock.systemUTC(), Limits.DEFAULT, Policy.DEFAULT);
        private final Notifications notifications = new Notifications(database);
        private final BlockingQueue<String> ended = new LinkedBlockingQueue<>();

        Side() {
            notifications.listen(people);
            notifications.listen(clients);
            notifications.start();
        }

        /** Holds streams that were opened with these keys. */
        void holds(Map<String, PersonId> keys) {
            clients.whenRevoked((_, key) -> ended.add(key), () -> keys);
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

    private String token() {
        return here.tokens.forClient(shown, Optional.of(ann.toString()), Optional.empty()).accessToken();
    }

    /** The key by which a server knows a token, which it has seen from now on. */
    private String seenThere(String token) {
        Caller caller = there.tokens.caller(token);
        assertThat(caller.id()).isEqualTo(ann);
        there.holds(Map.of(caller.credential().key(), ann));
        return caller.credential().key();
    }

    private void assertEndsThere(String token, String key) throws InterruptedException {
        assertThat(there.ended.poll(60, TimeUnit.SECONDS)).as("streams end").isEqualTo(key);
        assertThat(catchThrowableOfType(Refused.class, () -> there.tokens.caller(token)).failure())
                .isEqualTo(Failure.WRONG_CREDENTIALS);
        assertThat(catchThrowableOfType(Refused.class, () -> here.tokens.caller(token)).failure())
                .isEqualTo(Failure.WRONG_CREDENTIALS);
    }

    @Test
    void whenItIsRevoked() throws Exception {
        String token = token();
        String key = seenThere(token);
        here.tokens.revoke(shown, token);
        assertEndsThere(token, key);
    }

    @Test
    void orItsClientIs() throws Exception {
        String token = token();
        String key = seenThere(token);
        here.enrolment.revoke(shown.client());
        assertEndsThere(token, key);
    }

    @Test
    void orItsPersonIsErased() throws Exception {
        String token = token();
        String key = seenThere(token);
        new Erasure(here.database, new Json(), new Epochs(here.database, Grid.DEFAULT), node.outbox).erase(ann);
        assertEndsThere(token, key);
        assertThat(node.number("SELECT count(*) FROM access_token WHERE person_id = ?", ann.value())).isZero();
    }

    @Test
    void orItsCompanyIsClosed() throws Exception {
        Caller application =
                here.tokens.caller(here.tokens.forClient(shown, Optional.empty(), Optional.empty()).accessToken());
        Company shop = here.companies.save(application, new Companies.Draft(
                Optional.empty(),
                Optional.of("Shop"),
                Optional.empty(),
                Optional.empty(),
                List.of(new Companies.Somebody(
                        Optional.of("own-3"), Optional.empty(), Optional.empty(), Optional.empty()))),
                Optional.empty());
        String token = here.tokens.forClient(shown, Optional.of("own-3"), Optional.empty()).accessToken();
        Caller owner = there.tokens.caller(token);
        assertThat(owner.organization()).isEqualTo(shop.organization());
        there.holds(Map.of(owner.credential().key(), owner.id()));
        here.companies.close(application, shop.id());
        assertEndsThere(token, owner.credential().key());
    }

    @Test
    void orItHasExpired() throws Exception {
        String token = token();
        String key = seenThere(token);
        node.execute("UPDATE access_token SET expires_at = now()");
        there.clients.endRevoked();
        assertThat(there.ended.poll(60, TimeUnit.SECONDS)).isEqualTo(key);
    }

    /** A stream that opens asks this once it can be found by whoever revokes its token. */
    @Test
    void andWhoeverShowedItHasNothingAnyMore() throws Exception {
        String token = token();
        String key = seenThere(token);
        Caller caller = there.tokens.caller(token);
        assertThat(there.tokens.holds(caller)).isTrue();
        here.tokens.revoke(shown, token);
        assertEndsThere(token, key);
        assertThat(there.tokens.holds(caller)).isFalse();
    }

    /** Keys of other credentials are no business of this store's. */
    @Test
    void andNothingElseEnds() {
        seenThere(token());
        there.holds(Map.of("A".repeat(32), ann));
        there.clients.everythingChanged();
        assertThat(there.ended).isEmpty();
    }

    /** Every call shows a token: once it was seen, nothing is asked of the database. */
    @Test
    void aTokenThatWasSeenCostsNoQuery() {
        String token = token();
        seenThere(token);
        node.execute("ALTER TABLE access_token RENAME TO a");
        node.execute("ALTER TABLE client RENAME TO b");
        node.execute("ALTER TABLE person RENAME TO c");
        assertThat(there.tokens.caller(token).id()).isEqualTo(ann);
    }

    @Test
    void onlyWhatExpiredMoreThanADayAgoIsRemoved() {
        String old = token();
        String young = token();
        node.execute(
                "UPDATE access_token SET expires_at = now() - interval '25 hours' WHERE token_hash = ?",
                Fingerprint.of(old).bytes());
        node.execute(
                "UPDATE access_token SET expires_at = now() - interval '23 hours' WHERE token_hash = ?",
                Fingerprint.of(young).bytes());
        here.database.change(handle -> {
            TokenRows.sweep(handle);
            return handle;
        });
        assertThat(catchThrowableOfType(Refused.class, () -> there.tokens.caller(old)).failure())
                .isEqualTo(Failure.WRONG_CREDENTIALS);
        assertThat(catchThrowableOfType(Refused.class, () -> there.tokens.caller(young)).failure())
                .isEqualTo(Failure.EXPIRED_TOKEN);
        assertThat(AccessToken.ofKey("A".repeat(32))).isEmpty();
    }
}
