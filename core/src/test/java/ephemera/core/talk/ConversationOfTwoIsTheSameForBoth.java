package ephemera.core.talk;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.Ids;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ConversationOfTwoIsTheSameForBoth {

    private final Ids ids = new Ids(() -> Instant.EPOCH, new Random(11));

    @Test
    void whoeverBegins() {
        for (int i = 0; i < 1_000; i++) {
            PersonId one = new PersonId(ids.random());
            PersonId other = new PersonId(ids.timeOrdered());
            assertThat(ConversationId.between(one, other)).isEqualTo(ConversationId.between(other, one));
        }
    }

    @Test
    void andAnotherForEveryOtherPair() {
        List<PersonId> people = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            people.add(new PersonId(ids.random()));
        }
        people.add(new PersonId(new UUID(0, 0)));
        people.add(new PersonId(new UUID(-1, -1)));
        Map<ConversationId, Set<PersonId>> pairs = new HashMap<>();
        for (int one = 0; one < people.size(); one++) {
            for (int other = one; other < people.size(); other++) {
                Set<PersonId> pair =
                        one == other ? Set.of(people.get(one)) : Set.of(people.get(one), people.get(other));
                assertThat(pairs.put(ConversationId.between(people.get(one), people.get(other)), pair)).isNull();
            }
        }
    }

    /** The token is stored: another derivation would lose every conversation. */
    @Test
    void andTheSameInEveryRelease() {
        PersonId one = new PersonId(UUID.fromString("11111111-1111-4111-8111-111111111111"));
        PersonId other = new PersonId(UUID.fromString("eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee"));
        assertThat(ConversationId.between(one, other)).hasToString("dd9f301d-c25e-3f75-bc95-4acf83ef2f45");
        assertThat(ConversationId.between(one, one)).hasToString("45ddcfd8-2026-3bde-a084-f6f0c9cfbe8b");
    }

    @Test
    void andNobodyElseIsTheOtherOne() {
        PersonId one = new PersonId(ids.random());
        PersonId other = new PersonId(ids.random());
        Conversation.Direct both = direct(one, other);
        assertThat(both.other(one)).isEqualTo(other);
        assertThat(both.other(other)).isEqualTo(one);
        assertThat(direct(one, one).other(one)).isEqualTo(one);
        assertThat(both.has(new PersonId(ids.random()))).isFalse();
    }

    private static Conversation.Direct direct(PersonId one, PersonId other) {
        Set<PersonId> members = one.equals(other) ? Set.of(one) : Set.of(one, other);
        return new Conversation.Direct(
                ConversationId.between(one, other),
                new OrganizationId("0".repeat(24)),
                members,
                Set.of());
    }
}
