package ephemera.core.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.Limits;
import ephemera.core.Refused;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokensSayWhoActsForWhom {

    private static final String BACK = "https://app.example/back?from=here";
    private static final String VERIFIER = "v".repeat(43);
    private static final String CHALLENGE =
            Base64.getUrlEncoder().withoutPadding().encodeToString(Fingerprint.sha256(VERIFIER));
    private static final Optional<Scope> ANY = Optional.empty();

    private Instant now = Instant.parse("2026-01-02T03:04:05Z");
    private final Ids ids = new Ids(() -> now, new Random(7));
    private final PeopleInMemory people = new PeopleInMemory();
    private final ClientsInMemory clients = new ClientsInMemory(people);
    private final Enrolment enrolment = new Enrolment(people, ids, Limits.DEFAULT);
    private final ClientEnrolment clientEnrolment = new ClientEnrolment(clients, ids, Limits.DEFAULT);
    private final Tokens tokens = new Tokens(clients, people, ids, () -> now);

    private final OrganizationId clinic = enrolment.organization("Clinic", Policy.DEFAULT).id();
    private final OrganizationId shop = enrolment.organization("Shop", Policy.DEFAULT).id();
    private final Person ann = member(clinic, "ann", Optional.of("bk-9"));
    private final Person zoe = member(shop, "zoe", Optional.of("own-3"));
    private final ClientEnrolment.Enrolled books = clientEnrolment.client(clinic, "Books", List.of(BACK));
    private final Tokens.Shown shown = shown(books);

    private static Tokens.Shown shown(ClientEnrolment.Enrolled enrolled) {
        return new Tokens.Shown(enrolled.client().id().toString(), enrolled.secret(), "192.0.2.1");
    }

    private Person member(OrganizationId organization, String name, Optional<String> externalId) {
        Person person = new Person(
                new PersonId(ids.random()),
                organization,
                Person.Standing.MEMBER,
                Profile.named(name),
                Optional.of(new Address.Email(name + "@test.example")),
                Optional.empty(),
                Optional.empty(),
                externalId,
                Optional.empty());
        people.add(List.of(person));
        return person;
    }

    private Grant own() {
        return tokens.forClient(shown, Optional.empty(), ANY);
    }

    private Tokens.Consent consent(Scope scope) {
        return new Tokens.Consent(books.client(), new RedirectUri(BACK), CHALLENGE, scope);
    }

    private Caller signedIn(Person person) {
        return new Caller(
                person, new Credential("key", new byte[32], person.id(), Credential.Kind.SESSION, "device"));
    }

    private String code() {
        return tokens.authorize(signedIn(ann), consent(Scope.WRITE));
    }

    private Grant forCode(String code) {
        return tokens.forCode(shown, code, BACK, VERIFIER);
    }

    private static Failure failure(ThrowingCallable call) {
        return catchThrowableOfType(Refused.class, call).failure();
    }

    private Failure shownLater(Grant grant) {
        return failure(() -> tokens.caller(grant.accessToken()));
    }

    @Test
    void aTokenWithoutAPersonIsTheApplications() {
        Caller caller = tokens.caller(own().accessToken());
        assertThat(caller.isApplication()).isTrue();
        assertThat(caller.client()).contains(books.client());
        assertThat(caller.person().profile().displayName()).isEqualTo("Books");
        assertThat(caller.organization()).isEqualTo(clinic);
        assertThatCode(caller::requireWrite).doesNotThrowAnyException();
    }

    @Test
    void aTokenForAPersonIsTheirsByAnyOfTheirNames() {
        for (String name : List.of("bk-9", ann.id().toString(), "Ann@test.example")) {
            Caller caller = tokens.caller(tokens.forClient(shown, Optional.of(name), ANY).accessToken());
            assertThat(caller.person()).isEqualTo(ann);
            assertThat(caller.isApplication()).isFalse();
            assertThat(caller.client()).contains(books.client());
        }
    }

    @Test
    void nobodyOutsideItsReachIsItsToActFor() {
        for (String name : List.of("own-3", zoe.id().toString(), "zoe@test.example", "nobody", "x".repeat(200))) {
            assertThat(failure(() -> tokens.forClient(shown, Optional.of(name), ANY)))
                    .isEqualTo(Failure.INVALID_GRANT);
        }
        clients.reach(books.client(), shop);
        Grant grant = tokens.forClient(shown, Optional.of("own-3"), ANY);
        assertThat(tokens.caller(grant.accessToken()).person()).isEqualTo(zoe);
        clients.unreach(books.client(), shop);
        assertThat(shownLater(grant)).isEqualTo(Failure.WRONG_CREDENTIALS);
    }

    @Test
    void nobodyTakesAnothersPlaceByBeingCalledLikeThem() {
        member(clinic, "eve", Optional.of(ann.id().toString()));
        member(clinic, "mallory", Optional.of("ann@test.example"));
        for (String name : List.of(ann.id().toString(), "ann@test.example")) {
            Grant grant = tokens.forClient(shown, Optional.of(name), ANY);
            assertThat(tokens.caller(grant.accessToken()).person()).isEqualTo(ann);
        }
    }

    @Test
    void aTokenToReadDoesNotWrite() {
        Grant grant = tokens.forClient(shown, Optional.empty(), Optional.of(Scope.READ));
        assertThat(grant.scope()).isEqualTo(Scope.READ);
        Caller caller = tokens.caller(grant.accessToken());
        assertThat(failure(caller::requireWrite)).isEqualTo(Failure.INSUFFICIENT_SCOPE);
        assertThatCode(signedIn(ann)::requireWrite).as("who signs in alone").doesNotThrowAnyException();
    }

    @Test
    void anExpiredTokenIsToldFromOneThatNeverWas() {
        Grant grant = own();
        now = now.plus(Tokens.LIFETIME).minusMillis(1);
        assertThatCode(() -> tokens.caller(grant.accessToken())).doesNotThrowAnyException();
        now = now.plusMillis(1);
        assertThat(shownLater(grant)).isEqualTo(Failure.EXPIRED_TOKEN);
        assertThat(failure(() -> tokens.caller("x".repeat(43)))).isEqualTo(Failure.WRONG_CREDENTIALS);
        assertThat(failure(() -> tokens.caller(""))).isEqualTo(Failure.WRONG_CREDENTIALS);
        assertThat(failure(() -> tokens.caller("x".repeat(100_000)))).isEqualTo(Failure.WRONG_CREDENTIALS);
    }

    @Test
    void aRevokedTokenNeverExpires() {
        Grant grant = own();
        Grant other = own();
        tokens.revoke(shown(clientEnrolment.client(clinic, "Another", List.of())), grant.accessToken());
        assertThatCode(() -> tokens.caller(grant.accessToken())).as("not its own").doesNotThrowAnyException();
        tokens.revoke(shown, grant.accessToken());
        tokens.revoke(shown, "unknown");
        now = now.plus(Tokens.LIFETIME);
        assertThat(shownLater(grant)).isEqualTo(Failure.WRONG_CREDENTIALS);
        assertThat(shownLater(other)).isEqualTo(Failure.EXPIRED_TOKEN);
    }

    @Test
    void aTokenIsWorthNothingWithoutItsClientOrPerson() {
        Grant anns = tokens.forClient(shown, Optional.of("bk-9"), ANY);
        people.promote(new Person(
                ann.id(), clinic, Person.Standing.CONTACT, ann.profile(), ann.email(), ann.phone(), ann.username()));
        assertThat(shownLater(anns)).isEqualTo(Failure.WRONG_CREDENTIALS);
        Grant grant = own();
        clientEnrolment.revoke(books.client().id().toString());
        assertThat(shownLater(grant)).isEqualTo(Failure.WRONG_CREDENTIALS);
        assertThat(failure(this::own)).isEqualTo(Failure.WRONG_CREDENTIALS);
        assertThat(failure(() -> clientEnrolment.revoke(books.client().id().toString())))
                .isEqualTo(Failure.NOT_FOUND);
    }

    @Test
    void aNewSecretEndsTheOldOneAndNoToken() {
        Grant grant = own();
        ClientEnrolment.Enrolled renewed = clientEnrolment.newSecret(books.client().id().toString());
        assertThat(failure(this::own)).isEqualTo(Failure.WRONG_CREDENTIALS);
        assertThat(tokens.forClient(shown(renewed), Optional.empty(), ANY)).isNotNull();
        assertThat(tokens.caller(grant.accessToken()).isApplication()).isTrue();
    }

    @Test
    void wrongSecretsAreCountedWithoutLockingOutTheRightOne() {
        Tokens.Shown wrong = new Tokens.Shown(shown.client(), "wrong", shown.origin());
        Tokens.Shown nobody = new Tokens.Shown(UUID.randomUUID().toString(), "wrong", shown.origin());
        for (int i = 0; i < 50; i++) {
            assertThat(failure(() -> tokens.forClient(wrong, Optional.empty(), ANY)))
                    .isEqualTo(Failure.WRONG_CREDENTIALS);
        }
        Refused refused =
                catchThrowableOfType(Refused.class, () -> tokens.forClient(wrong, Optional.empty(), ANY));
        assertThat(refused.failure()).isEqualTo(Failure.TOO_MANY);
        assertThat(refused.retryAfter()).contains(Duration.ofMinutes(1));
        assertThat(failure(() -> tokens.refreshed(wrong, "x", ANY))).isEqualTo(Failure.TOO_MANY);
        assertThat(failure(() -> tokens.revoke(nobody, "x"))).isEqualTo(Failure.WRONG_CREDENTIALS);
        assertThat(own()).isNotNull();
    }

    @Test
    void aCodeIsGoodForThePersonWhoAgreed() {
        Grant grant = forCode(code());
        Caller caller = tokens.caller(grant.accessToken());
        assertThat(caller.person()).isEqualTo(ann);
        assertThat(caller.client()).contains(books.client());
        assertThat(grant.refreshToken()).isPresent();
        assertThat(own().refreshToken()).as("of a client for itself").isEmpty();
    }

    @Test
    void aCodeThatIsUsedTwiceEndsWhatCameOfIt() {
        String code = code();
        Grant first = forCode(code);
        Grant second = tokens.refreshed(shown, first.refreshToken().orElseThrow(), ANY);
        assertThat(failure(() -> forCode(code))).isEqualTo(Failure.INVALID_GRANT);
        assertThat(shownLater(first)).isEqualTo(Failure.WRONG_CREDENTIALS);
        assertThat(shownLater(second)).isEqualTo(Failure.WRONG_CREDENTIALS);
        assertThat(failure(() -> tokens.refreshed(shown, second.refreshToken().orElseThrow(), ANY)))
                .isEqualTo(Failure.INVALID_GRANT);
    }

    @Test
    void aCodeNeedsItsVerifierItsAddressItsClientAndItsTime() {
        String other = "w".repeat(43);
        assertThat(failure(() -> tokens.forCode(shown, code(), BACK, other))).isEqualTo(Failure.INVALID_GRANT);
        assertThat(failure(() -> tokens.forCode(shown, code(), BACK, CHALLENGE))).isEqualTo(Failure.INVALID_GRANT);
        assertThat(failure(() -> tokens.forCode(shown, code(), BACK, ""))).isEqualTo(Failure.INVALID_GRANT);
        assertThat(failure(() -> tokens.forCode(shown, code(), BACK + "/", VERIFIER)))
                .isEqualTo(Failure.INVALID_GRANT);
        Tokens.Shown another = shown(clientEnrolment.client(clinic, "Another", List.of(BACK)));
        String code = code();
        assertThat(failure(() -> tokens.forCode(another, code, BACK, VERIFIER))).isEqualTo(Failure.INVALID_GRANT);
        assertThat(forCode(code)).as("another client does not use it up").isNotNull();
        String late = code();
        now = now.plus(Tokens.CODE_LIFETIME);
        assertThat(failure(() -> forCode(late))).isEqualTo(Failure.INVALID_GRANT);
    }

    @Test
    void aCodeThatDidNotFitIsUsedUp() {
        String code = code();
        assertThat(failure(() -> tokens.forCode(shown, code, BACK, "w".repeat(43)))).isEqualTo(Failure.INVALID_GRANT);
        assertThat(failure(() -> forCode(code))).isEqualTo(Failure.INVALID_GRANT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "short", "+++++++++++++++++++++++++++++++++++++++++++"})
    void withoutAChallengeThereIsNoCode(String challenge) {
        Tokens.Consent without =
                new Tokens.Consent(books.client(), new RedirectUri(BACK), challenge, Scope.WRITE);
        assertThat(failure(() -> tokens.authorize(signedIn(ann), without))).isEqualTo(Failure.INVALID);
    }

    @Test
    void onlyAPersonWithinReachAgrees() {
        assertThat(failure(() -> tokens.authorize(signedIn(zoe), consent(Scope.READ)))).isEqualTo(Failure.FORBIDDEN);
        Caller byToken = tokens.caller(tokens.forClient(shown, Optional.of("bk-9"), ANY).accessToken());
        assertThat(failure(() -> tokens.authorize(byToken, consent(Scope.READ)))).isEqualTo(Failure.FORBIDDEN);
    }

    @Test
    void nobodyIsSentWhereTheClientNeverRegistered() {
        String id = books.client().id().toString();
        assertThat(tokens.asking(id, BACK)).isEqualTo(books.client());
        for (String wrong : List.of(BACK + "&x=1", BACK.replace("app", "APP"), "https://app.example/back", "")) {
            assertThat(failure(() -> tokens.asking(id, wrong))).isEqualTo(Failure.INVALID);
        }
        assertThat(failure(() -> tokens.asking("nobody", BACK))).isEqualTo(Failure.INVALID);
    }

    @Test
    void aRefreshTokenIsGoodOnceAndItsReuseEndsTheFamily() {
        Grant first = forCode(code());
        String old = first.refreshToken().orElseThrow();
        Grant second = tokens.refreshed(shown, old, ANY);
        assertThat(tokens.caller(second.accessToken()).person()).isEqualTo(ann);
        Grant otherFamily = forCode(code());
        assertThat(failure(() -> tokens.refreshed(shown, old, ANY))).isEqualTo(Failure.INVALID_GRANT);
        assertThat(shownLater(second)).isEqualTo(Failure.WRONG_CREDENTIALS);
        assertThat(failure(() -> tokens.refreshed(shown, second.refreshToken().orElseThrow(), ANY)))
                .isEqualTo(Failure.INVALID_GRANT);
        assertThat(tokens.caller(otherFamily.accessToken()).person()).isEqualTo(ann);
    }

    @Test
    void aRefreshNarrowsTheScopeButNeverWidensIt() {
        Grant first = tokens.forCode(
                shown, tokens.authorize(signedIn(ann), consent(Scope.READ)), BACK, VERIFIER);
        String refresh = first.refreshToken().orElseThrow();
        assertThat(failure(() -> tokens.refreshed(shown, refresh, Optional.of(Scope.WRITE))))
                .isEqualTo(Failure.INVALID_SCOPE);
        Grant second = tokens.refreshed(shown, refresh, ANY);
        assertThat(second.scope()).as("what was refused used nothing up").isEqualTo(Scope.READ);
        Grant wide = forCode(code());
        Grant narrow = tokens.refreshed(shown, wide.refreshToken().orElseThrow(), Optional.of(Scope.READ));
        assertThat(narrow.scope()).isEqualTo(Scope.READ);
        assertThat(tokens.refreshed(shown, narrow.refreshToken().orElseThrow(), ANY).scope()).isEqualTo(Scope.WRITE);
    }

    @Test
    void aRefreshTokenThatIsRevokedEndsItsFamily() {
        Grant grant = forCode(code());
        tokens.revoke(shown, grant.refreshToken().orElseThrow());
        assertThat(shownLater(grant)).isEqualTo(Failure.WRONG_CREDENTIALS);
    }

    @Test
    void aRefreshTokenExpiresToo() {
        Grant grant = forCode(code());
        now = now.plus(Tokens.REFRESH_LIFETIME);
        assertThat(failure(() -> tokens.refreshed(shown, grant.refreshToken().orElseThrow(), ANY)))
                .isEqualTo(Failure.INVALID_GRANT);
    }

    @Test
    void whatIsSecretIsNotShownByMistake() {
        Grant grant = forCode(code());
        assertThat(grant.toString()).doesNotContain(grant.accessToken(), grant.refreshToken().orElseThrow());
        assertThat(books.toString()).doesNotContain(books.secret());
        assertThat(shown.toString()).doesNotContain(books.secret());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://app.example/back", "http://localhost:8080/", "http://127.0.0.1/x", "http://[::1]:9/",
                "com.example.app:/back"
            })
    void peopleAreSentBackToSafePlaces(String uri) {
        assertThat(RedirectUri.parse(uri)).contains(new RedirectUri(uri));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "/back", "http://app.example/", "https:///x", "https://a@app.example/", "https://app.example/#x",
                "javascript:alert(1)", "data:text/html,x", "https://app.example/ x", "https://app.example/\r\nX: y"
            })
    void andToNoOthers(String uri) {
        assertThat(RedirectUri.parse(uri)).isEmpty();
        assertThat(failure(() -> clientEnrolment.client(clinic, "Bad", List.of(uri)))).isEqualTo(Failure.INVALID);
    }

    @Test
    void scopesAreReadAsTheStandardWritesThem() {
        assertThat(Scope.parse("read")).contains(Scope.READ);
        assertThat(Scope.parse("write")).contains(Scope.WRITE);
        assertThat(Scope.parse("read write")).contains(Scope.WRITE);
        assertThat(Scope.parse("admin")).isEmpty();
        assertThat(Scope.parse("read admin")).isEmpty();
        assertThat(Scope.parse("READ")).isEmpty();
    }
}
