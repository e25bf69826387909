package ephemera.acceptance.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LedgerNoticesEveryFault {
    private final Ledger pairs = Ledger.ofPairs(2);

    @Test
    void andNoneWhereThereIsNone() {
        pairs.acknowledged(pairs.next(), 1, 1);
        pairs.arrived(0, 0, 0, 1, 1);
        int second = pairs.next();
        pairs.arrived(1, 1, second, 2, 2);
        pairs.acknowledged(second, 2, 2);
        assertThat(pairs.isComplete()).isTrue();
        assertThat(pairs.verdict().isRight()).as(pairs.verdict().sentence()).isTrue();
    }

    @Test
    void ofAMessageThatIsMissing() {
        pairs.acknowledged(0, 1, 1);
        assertThat(pairs.isComplete()).isFalse();
        assertThat(pairs.verdict().missing()).isEqualTo(1);
        assertThat(pairs.verdict().isRight()).isFalse();
    }

    @Test
    void ofAMessageThatCameTwice() {
        pairs.acknowledged(0, 1, 1);
        assertThat(pairs.arrived(0, 0, 0, 1, 1)).isTrue();
        assertThat(pairs.arrived(0, 0, 0, 1, 1)).isFalse();
        pairs.acknowledged(1, 2, 2);
        assertThat(pairs.isComplete()).as("a repeat does not stand for a missing one").isFalse();
        assertThat(pairs.verdict().duplicates()).isEqualTo(1);
    }

    @Test
    void ofAnotherTokenInEitherOrder() {
        pairs.acknowledged(0, 1, 1);
        pairs.arrived(0, 0, 0, 1, 9);
        pairs.arrived(0, 0, 1, 5, 5);
        pairs.acknowledged(1, 5, 6);
        assertThat(pairs.verdict().wrongTokens()).isEqualTo(2);
    }

    @Test
    void ofAMessageAtTheWrongPlace() {
        pairs.acknowledged(0, 1, 1);
        pairs.arrived(1, 0, 0, 1, 1);
        assertThat(pairs.verdict().misdirected()).isEqualTo(1);
        assertThat(pairs.verdict().missing()).isEqualTo(1);
    }

    @Test
    void ofDisorderWithinAConversationButNotBetweenSenders() {
        Ledger group = Ledger.ofGroup(2, 1);
        for (int number = 0; number < 4; number++) {
            group.acknowledged(group.next(), number, number);
        }
        group.arrived(0, 0, 2, 2, 2);
        group.arrived(0, 1, 1, 1, 1);
        assertThat(group.verdict().outOfOrder()).isZero();
        group.arrived(0, 0, 0, 0, 0);
        assertThat(group.verdict().outOfOrder()).isEqualTo(1);
    }

    @Test
    void ofARefusedMessageThatArrives() {
        pairs.refused(0);
        pairs.arrived(0, 0, 0, 1, 1);
        assertThat(pairs.verdict().refusedButArrived()).isEqualTo(1);
    }

    @Test
    void butAMessageWithAnUnknownEndMayArriveOrNot() {
        pairs.unknownEnd(0);
        pairs.unknownEnd(1);
        pairs.arrived(0, 0, 0, 1, 1);
        assertThat(pairs.ended()).isEqualTo(2);
        assertThat(pairs.verdict().missing() + pairs.verdict().refusedButArrived()).isZero();
        assertThat(pairs.verdict().isRight()).as("a lost connection is itself a fault of the round").isFalse();
    }

    @Test
    void andAGroupsMessageIsCompleteWithItsLastMember() {
        Ledger group = Ledger.ofGroup(1, 3);
        assertThat(group.arrived(0, 0, 9_999, 1, 1)).isFalse();
        assertThat(group.arrived(2, 0, 9_999, 1, 1)).isFalse();
        assertThat(group.arrived(1, 0, 9_999, 1, 1)).isTrue();
        group.acknowledged(9_999, 1, 1);
        assertThat(group.isComplete()).isTrue();
        assertThat(group.verdict().isRight()).isTrue();
        assertThat(group.arrived(1, 0, 9_998, 2, 3)).isFalse();
        group.arrived(0, 0, 9_998, 2, 4);
        assertThat(group.verdict().wrongTokens()).isEqualTo(1);
    }
}
