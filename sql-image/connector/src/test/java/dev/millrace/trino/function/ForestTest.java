/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trino.spi.TrinoException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ForestTest {

    @Test
    void aRowThatIsUnlikeTheOthersHasAHighScoreAndItsReason() {
        Forest forest = new Forest(2, Forest.Options.DEFAULT);
        Random random = new Random(1);
        assertThat(forest.score(new double[] {1, 1})).isZero();
        double usual = 0;
        for (int i = 0; i < 2_000; i++) {
            usual = forest.score(new double[] {random.nextGaussian(), 100 + random.nextGaussian()});
        }
        Forest.Explained strange = forest.explain(new double[] {0.1, 40});

        assertThat(usual).isBetween(0.3, 2.0);
        assertThat(strange.score()).isGreaterThan(3);
        assertThat(strange.low()[1]).isGreaterThan(0.8 * strange.score());
        assertThat(strange.high()[0] + strange.low()[0] + strange.high()[1] + strange.low()[1])
                .isCloseTo(strange.score(), within(1e-6));
    }

    @Test
    void theSameRowsHaveTheSameScores() {
        assertThat(lastScore()).isEqualTo(lastScore());
    }

    private static double lastScore() {
        Forest forest = new Forest(1, new Forest.Options(20, 64, 1_000, 4));
        Random random = new Random(7);
        double last = 0;
        for (int i = 0; i < 500; i++) {
            last = forest.score(new double[] {random.nextDouble()});
        }
        return last;
    }

    @Test
    void saysWhichArgumentIsWrong() {
        assertThatThrownBy(() -> new Forest.Options(0, 256, 1, 1))
                .isInstanceOf(TrinoException.class)
                .hasMessage("numberOfTrees of random_cut_forest is 1 to 1000, not 0");
        Forest forest = new Forest(2, Forest.Options.DEFAULT);
        assertThatThrownBy(() -> forest.score(new double[] {1}))
                .hasMessageContaining("as many values");
        assertThatThrownBy(() -> forest.score(new double[] {1, Double.NaN}))
                .hasMessageContaining("finite");
    }
}
