package ephemera.core.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class CoverageNeverClaimsWhatWasNotAcknowledged {

    /** Pushes, acknowledgements and reports in any order, with stores that fail, against plain sets. */
    @RepeatedTest(300)
    void whateverHappensInWhateverOrder(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        int limit = 1 + random.nextInt(8);
        long began = random.nextInt(20);
        Coverage coverage = new Coverage(began, limit);
        Set<Long> pushed = new TreeSet<>();
        Set<Long> acknowledged = new TreeSet<>();
        Set<Long> entrusted = new TreeSet<>();
        List<Ranges.Range> stored = new ArrayList<>();
        long position = began;
        for (int step = 0; step < 400; step++) {
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    position += 1 + random.nextInt(3);
                    pushed.add(position);
                    coverage.pushed(position);
                }
                case 2 -> {
                    List<Long> known = List.copyOf(pushed);
                    for (int i = random.nextInt(4); i > 0 && !known.isEmpty(); i--) {
                        // Mostly something recent, sometimes something from before this stream.
                        long chosen = random.nextInt(8) == 0
                                ? random.nextLong(began + 1)
                                : known.get(random.nextInt(Math.max(0, known.size() - 12), known.size()));
                        acknowledged.add(chosen);
                        if (coverage.acknowledged(chosen)) {
                            entrusted.add(chosen);
                        }
                    }
                }
                default -> {
                    Coverage.Report report = coverage.report();
                    if (random.nextInt(3) > 0) {
                        stored.addAll(report.ranges().ranges());
                        coverage.stored(report);
                    }
                }
            }
        }
        stored.addAll(coverage.report().ranges().ranges());

        assertThat(pushed)
                .filteredOn(each -> !acknowledged.contains(each))
                .as("pushed but not acknowledged, with room for %d", limit)
                .noneMatch(each -> isIn(stored, each));
        assertThat(entrusted).as("acknowledged and covered").allMatch(each -> isIn(stored, each));
        assertThat(stored).as("nothing from before the stream").allMatch(range -> range.first() > began);
    }

    private static boolean isIn(List<Ranges.Range> ranges, long position) {
        return ranges.stream().anyMatch(range -> range.first() <= position && position <= range.last());
    }

    @Test
    void allThatWasAcknowledgedInOrderIsOneRange() {
        Coverage coverage = new Coverage(10, 100);
        for (long position = 12; position <= 40; position += 2) {
            coverage.pushed(position);
        }
        for (long position = 12; position <= 30; position += 2) {
            assertThat(coverage.acknowledged(position)).isTrue();
        }
        Coverage.Report report = coverage.report();
        assertThat(report.ranges()).isEqualTo(new Ranges(List.of(new Ranges.Range(11, 31))));
        coverage.stored(report);
        assertThat(coverage.report().ranges().isEmpty()).isTrue();
        coverage.acknowledged(36);
        assertThat(coverage.report().ranges()).isEqualTo(new Ranges(List.of(new Ranges.Range(35, 37))));
        for (long position = 32; position <= 40; position += 2) {
            coverage.acknowledged(position);
        }
        assertThat(coverage.report().ranges()).isEqualTo(new Ranges(List.of(new Ranges.Range(32, 40))));
    }

    @Test
    void whatWasNotStoredIsToldAgain() {
        Coverage coverage = new Coverage(0, 100);
        coverage.pushed(5);
        coverage.acknowledged(5);
        assertThat(coverage.report()).isEqualTo(coverage.report());
        assertThat(coverage.report().ranges().isEmpty()).isFalse();
    }

    @Test
    void whatCameBeforeTheStreamIsNotItsBusiness() {
        Coverage coverage = new Coverage(10, 100);
        coverage.pushed(12);
        assertThat(coverage.acknowledged(10)).isFalse();
        assertThat(coverage.acknowledged(13)).isFalse();
        assertThat(coverage.acknowledged(12)).isTrue();
        assertThat(coverage.acknowledged(12)).as("once more").isTrue();
    }

    @Test
    void setsOfPositionsAreJoined() {
        Ranges one = new Ranges(List.of(new Ranges.Range(1, 3)));
        Ranges other = new Ranges(List.of(new Ranges.Range(2, 7), new Ranges.Range(9, 9)));
        assertThat(Ranges.NONE.isEmpty()).isTrue();
        assertThat(Ranges.NONE.and(one)).isEqualTo(one);
        assertThat(one.and(Ranges.NONE)).isEqualTo(one);
        for (long position = 0; position < 12; position++) {
            assertThat(isIn(one.and(other).ranges(), position))
                    .isEqualTo(isIn(one.ranges(), position) || isIn(other.ranges(), position));
        }
    }
}
