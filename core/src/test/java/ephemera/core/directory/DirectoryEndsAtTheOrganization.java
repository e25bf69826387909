package ephemera.core.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.Lifespan;
import ephemera.core.Limits;
import ephemera.core.Refused;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoryEndsAtTheOrganization {

    private final PeopleInMemory people = new PeopleInMemory();
    private final Ids ids = new Ids(() -> Instant.EPOCH, new Random(9));
    private final Enrolment enrolment = new Enrolment(people, ids, Limits.DEFAULT);
    private final Directory directory = new Directory(people, ids, Limits.DEFAULT);

    private final Organization clinic = enrolment.organization("Clinic", Policy.DEFAULT);
    private final Organization office = enrolment.organization("Office", Policy.DEFAULT);
    private final Person alice = member(clinic, "Alice", Person.Standing.ADMINISTRATOR);
    private final Person bob = member(clinic, "Bob", Person.Standing.MEMBER);
    private final Person zoe = member(office, "Zoe", Person.Standing.MEMBER);
    private final Person boss = member(office, "Boss", Person.Standing.ADMINISTRATOR);

    private Person member(Organization organization, String name, Person.Standing standing) {
        return enrolment.member(
                organization.id(),
                new Enrolment.Newcomer(
                        name,
                        Optional.of(name + "@example.com"),
                        Optional.empty(),
                        Optional.of(name),
                        standing));
    }

    private static Caller as(Person person) {
        return new Caller(
                person, new Credential("key", new byte[32], person.id(), Credential.Kind.API_KEY, "resource"));
    }

    private static Failure refusal(ThrowingCallable call) {
        return catchThrowableOfType(Refused.class, call).failure();
    }

    @Test
    void everyFormOfAnAddressFindsPeopleOfOnesOwn() {
        for (String address : List.of(bob.id().toString(), "bob@example.com", "BOB@example.com", "bob", " Bob ")) {
            assertThat(directory.find(as(alice), address)).contains(bob);
            assertThat(directory.person(as(alice), address)).isEqualTo(bob);
        }
        assertThat(directory.find(as(alice), bob.id())).contains(bob);
    }

    @Test
    void andNobodyOfAnotherOrganization() {
        for (String address : List.of(zoe.id().toString(), "zoe@example.com", "zoe", "", "?")) {
            assertThat(directory.find(as(alice), address)).isEmpty();
            assertThat(refusal(() -> directory.person(as(alice), address))).isEqualTo(Failure.NOT_FOUND);
        }
        assertThat(directory.find(as(alice), zoe.id())).isEmpty();
        assertThat(directory.search(as(alice), "", 0, 100)).containsExactly(alice, bob);
        assertThat(directory.search(as(alice), "zoe", 0, 100)).isEmpty();
        assertThat(directory.searchCount(as(alice), "example")).isEqualTo(2);
    }

    @Test
    void anotherOrganizationIsLikeAMissingOne() {
        assertThat(directory.organization(as(alice), clinic.id().token())).isEqualTo(clinic);
        assertThat(refusal(() -> directory.organization(as(alice), office.id().token()))).isEqualTo(Failure.NOT_FOUND);
        assertThat(refusal(() -> directory.organization(as(alice), "0".repeat(24)))).isEqualTo(Failure.NOT_FOUND);
        assertThat(refusal(() -> directory.update(as(alice), office))).isEqualTo(Failure.NOT_FOUND);
        assertThat(directory.memberCount(clinic)).isEqualTo(2);
    }

    @Test
    void oneUnknownMemberRefusesThemAll() {
        assertThat(directory.people(as(alice), List.of("bob", "alice", bob.id().toString())))
                .containsExactly(bob, alice);
        assertThat(refusal(() -> directory.people(as(alice), List.of("bob", "zoe")))).isEqualTo(Failure.NOT_FOUND);
    }

    @ParameterizedTest
    @ValueSource(strings = {"zoe@example.com", "+1 555 010 9999"})
    void anAddressThatNobodyHasBecomesAContactOfOnesOwn(String address) {
        Address parsed = Address.parse(address).orElseThrow();
        Person contact = directory.reachable(as(bob), parsed);
        assertThat(contact.organization()).isEqualTo(clinic.id());
        assertThat(contact.isMember()).isFalse();
        assertThat(contact.profile().displayName()).isEqualTo(parsed.text());
        assertThat(directory.reachable(as(alice), parsed)).isEqualTo(contact);
        assertThat(people.person(zoe.id())).contains(zoe);
        assertThat(people.signingIn(parsed)).isNotEqualTo(Optional.of(contact));
        assertThat(directory.memberCount(clinic)).as("a contact is no member").isEqualTo(2);
    }

    @Test
    void aTokenOrAUsernameThatNobodyHasBecomesNobody() {
        for (String address : List.of(zoe.id().toString(), "zoe", ids.random().toString())) {
            assertThat(refusal(() -> directory.reachable(as(bob), Address.parse(address).orElseThrow())))
                    .isEqualTo(Failure.NOT_FOUND);
        }
    }

    @Test
    void aProfileIsChangedByItsOwnerOrAnAdministrator() {
        Profile changed = Profile.named("Robert Bell");
        assertThat(directory.update(as(bob), bob, changed).profile()).isEqualTo(changed);
        assertThat(people.person(bob.id()).orElseThrow().profile()).isEqualTo(changed);
        directory.update(as(alice), bob, Profile.named("Bob"));
        assertThat(people.person(bob.id()).orElseThrow().profile().displayName()).isEqualTo("Bob");
        assertThat(refusal(() -> directory.update(as(bob), alice, changed))).isEqualTo(Failure.FORBIDDEN);
        assertThat(refusal(() -> directory.update(as(boss), bob, changed)))
                .as("an administrator of somewhere else")
                .isEqualTo(Failure.FORBIDDEN);
        assertThat(people.person(alice.id())).contains(alice);
    }

    @Test
    void andOnlyToSomethingThatCanBeShown() {
        assertThat(refusal(() -> directory.update(as(bob), bob, Profile.named(" ")))).isEqualTo(Failure.INVALID);
        assertThat(refusal(() -> directory.update(as(bob), bob, Profile.named("x".repeat(251)))))
                .isEqualTo(Failure.INVALID);
        assertThat(people.person(bob.id())).contains(bob);
    }

    @Test
    void metadataIsChangedByItsOwnerOrAnAdministrator() {
        directory.setMetadata(as(bob), bob, Map.of("role", "nurse"));
        assertThat(directory.metadata(bob.id().value())).containsExactly(Map.entry("role", "nurse"));
        directory.setMetadata(as(alice), bob, Map.of());
        assertThat(directory.metadata(bob.id().value())).isEmpty();
        assertThat(refusal(() -> directory.setMetadata(as(bob), alice, Map.of()))).isEqualTo(Failure.FORBIDDEN);
        assertThat(refusal(() -> directory.setMetadata(as(boss), bob, Map.of()))).isEqualTo(Failure.FORBIDDEN);
    }

    @Test
    void andHasItsBounds() {
        Map<String, String> fields = new HashMap<>();
        for (int i = 0; i < 64; i++) {
            fields.put("key" + i, "v".repeat(4_096));
        }
        directory.setMetadata(as(bob), bob, fields);
        fields.put("one more", "");
        assertThat(refusal(() -> directory.setMetadata(as(bob), bob, fields))).isEqualTo(Failure.INVALID);
        for (Map<String, String> wrong : List.of(
                Map.of(" ", "v"), Map.of("k".repeat(251), "v"), Map.of("k", "v".repeat(4_097)))) {
            assertThat(refusal(() -> directory.setMetadata(as(bob), bob, wrong))).isEqualTo(Failure.INVALID);
        }
        assertThat(directory.metadata(bob.id().value())).hasSize(64);
    }

    @Test
    void anOrganizationIsChangedByItsAdministratorsAlone() {
        Policy strict =
                new Policy(new Lifespan(5), new Lifespan(1), new Lifespan(10), true, false, false, false, false);
        Organization changed = new Organization(clinic.id(), "Hospital", strict);
        assertThat(refusal(() -> directory.update(as(bob), changed))).isEqualTo(Failure.FORBIDDEN);
        assertThat(refusal(() -> directory.update(as(boss), changed))).isEqualTo(Failure.NOT_FOUND);
        assertThat(directory.organization(as(bob))).isEqualTo(clinic);
        directory.update(as(alice), changed);
        assertThat(directory.organization(as(bob))).isEqualTo(changed);
    }

    @Test
    void andMadeByAdministratorsAlone() {
        assertThat(refusal(() -> directory.create(as(bob), "Mine"))).isEqualTo(Failure.FORBIDDEN);
        assertThat(refusal(() -> directory.create(as(alice), " "))).isEqualTo(Failure.INVALID);
        assertThat(refusal(() -> directory.create(as(alice), "x".repeat(251)))).isEqualTo(Failure.INVALID);
        Organization made = directory.create(as(alice), " New Office ");
        assertThat(made.name()).isEqualTo("New Office");
        assertThat(people.organization(made.id())).contains(made);
    }

    @Test
    void aPageOfASearchHasItsBounds() {
        for (int i = 0; i < 120; i++) {
            member(clinic, "member" + i, Person.Standing.MEMBER);
        }
        assertThat(directory.search(as(alice), "member", 0, Integer.MAX_VALUE)).hasSize(100);
        assertThat(directory.search(as(alice), "member", 100, 100)).hasSize(20);
        assertThat(directory.search(as(alice), "member", 0, -1)).hasSize(1);
        assertThat(directory.searchCount(as(alice), "member")).isEqualTo(120);
    }

    @Test
    void aContactBecomesAMemberWithTheSameToken() {
        Person contact = directory.reachable(as(bob), Address.parse("new@example.com").orElseThrow());
        Person member = member(clinic, "New", Person.Standing.MEMBER);
        assertThat(member.id()).isEqualTo(contact.id());
        assertThat(member.isMember()).isTrue();
        assertThat(member.profile().displayName()).isEqualTo("New");
        assertThat(member.username()).as("what was given beside the known address")
                .contains(new Address.Username("new"));
        assertThat(people.signingIn(Address.parse("new").orElseThrow())).contains(member);
    }

    @Test
    void newcomersAreMadeAllOrNone() {
        List<Enrolment.Newcomer> newcomers =
                List.of(newcomer("One", "one@example.com"), newcomer("Bob", "bob@example.com"));
        assertThat(refusal(() -> enrolment.members(clinic.id(), newcomers))).isEqualTo(Failure.CONFLICT);
        assertThat(directory.find(as(bob), "one@example.com")).isEmpty();
        Refused second = catchThrowableOfType(
                Refused.class,
                () -> enrolment.members(
                        clinic.id(), List.of(newcomer("One", "one@example.com"), newcomer("Two", "two"))));
        assertThat(second).hasMessageContaining("Number 2").hasMessageContaining("two");
        assertThat(enrolment.members(clinic.id(), newcomers.subList(0, 1))).hasSize(1);
    }

    private static Enrolment.Newcomer newcomer(String name, String email) {
        return new Enrolment.Newcomer(
                name, Optional.of(email), Optional.empty(), Optional.empty(), Person.Standing.MEMBER);
    }
}
