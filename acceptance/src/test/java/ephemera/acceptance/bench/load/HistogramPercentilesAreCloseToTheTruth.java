package ephemera.acceptance.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistogramPercentilesAreCloseToTheTruth {
    @ParameterizedTest
    @ValueSource(doubles = {1, 50, 90, 99, 99.9, 100})
    void ofManyScatteredValues(double percent) {
        Random random = new Random(7);
        long[] values = new long[100_000];
        Histogram histogram = new Histogram();
        for (int i = 0; i < values.length; i++) {
            values[i] = (long) Math.exp(random.nextGaussian() * 3 + 13);
            histogram.record(values[i]);
        }
        Arrays.sort(values);
        long truth = values[(int) Math.ceil(values.length * percent / 100) - 1];
        assertThat((double) histogram.percentile(percent)).isCloseTo((double) truth, Percentage.withPercentage(0.8));
        assertThat(histogram.max()).isEqualTo(values[values.length - 1]);
        assertThat(histogram.count()).isEqualTo(values.length);
    }

    @Test
    void ofSmallValuesExactly() {
        Histogram histogram = new Histogram();
        for (int i = 1; i <= 200; i++) {
            histogram.record(i);
        }
        assertThat(histogram.percentile(50)).isEqualTo(100);
        assertThat(histogram.percentile(99)).isEqualTo(198);
        assertThat(histogram.percentile(100)).isEqualTo(200);
    }

    @Test
    void atTheEdges() {
        Histogram histogram = new Histogram();
        assertThat(histogram.percentile(99)).isZero();
        histogram.record(-5);
        assertThat(histogram.percentile(50)).isZero();
        histogram.record(Long.MAX_VALUE);
        assertThat(histogram.percentile(100)).isEqualTo(Long.MAX_VALUE);
        histogram.record(2_500_000);
        assertThat(histogram.percentileMillis(50)).isCloseTo(2.5, within(0.02));
    }
}
