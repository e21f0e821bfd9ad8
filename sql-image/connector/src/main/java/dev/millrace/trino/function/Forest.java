/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino.function;

import com.amazon.randomcutforest.RandomCutForest;
import com.amazon.randomcutforest.returntypes.DiVector;
import io.trino.spi.StandardErrorCode;
import io.trino.spi.TrinoException;

/**
 * What the rows so far were like, and how strange the next one is (Guha et al., "Robust random cut
 * forest based anomaly detection on streams", 2016). The seed is fixed: the same rows in the same
 * order have the same scores.
 */
final class Forest {

    private static final long SEED = 42;

    private final RandomCutForest forest;
    private final int dimensions;

    /**
     * The arguments of RANDOM_CUT_FOREST of Kinesis Data Analytics, in its order.
     *
     * @param trees how many trees, 1 to 1,000
     * @param sample how many rows each tree remembers, 10 to 1,000
     * @param decay after how many rows one is half forgotten, or so
     * @param shingle how many rows behind each other are looked at as one, 1 to 30
     */
    record Options(long trees, long sample, long decay, long shingle) {

        static final Options DEFAULT = new Options(100, 256, 100_000, 1);

        Options {
            check("numberOfTrees", trees, 1, 1_000);
            check("subSampleSize", sample, 10, 1_000);
            check("timeDecay", decay, 1, Integer.MAX_VALUE);
            check("shingleSize", shingle, 1, 30);
        }

        private static void check(String name, long value, long least, long most) {
            if (value < least || value > most) {
                throw new TrinoException(
                        StandardErrorCode.INVALID_FUNCTION_ARGUMENT,
                        name
                                + " of random_cut_forest is "
                                + least
                                + " to "
                                + most
                                + ", not "
                                + value);
            }
        }
    }

    /**
     * How strange a row is.
     *
     * @param score 0 while too few rows are known, about 1 for the usual, more for the strange
     * @param high of each value, how much of the score comes from its being high
     * @param low of each value, how much of the score comes from its being low
     */
    record Explained(double score, double[] high, double[] low) {}

    Forest(int dimensions, Options options) {
        if (dimensions == 0) {
            throw new TrinoException(
                    StandardErrorCode.INVALID_FUNCTION_ARGUMENT,
                    "random_cut_forest takes one value or more");
        }
        this.dimensions = dimensions;
        forest =
                RandomCutForest.builder()
                        .dimensions(dimensions * (int) options.shingle())
                        .shingleSize((int) options.shingle())
                        .internalShinglingEnabled(true)
                        .numberOfTrees((int) options.trees())
                        .sampleSize((int) options.sample())
                        .timeDecay(1.0 / options.decay())
                        .parallelExecutionEnabled(false)
                        .randomSeed(SEED)
                        .build();
    }

    double score(double[] point) {
        float[] row = row(point);
        double score = forest.getAnomalyScore(row);
        forest.update(row);
        return score;
    }

    Explained explain(double[] point) {
        float[] row = row(point);
        double score = forest.getAnomalyScore(row);
        DiVector each = forest.getAnomalyAttribution(row);
        forest.update(row);
        double[] high = new double[dimensions];
        double[] low = new double[dimensions];
        for (int i = 0; i < each.getDimensions(); i++) {
            high[i % dimensions] += each.high[i];
            low[i % dimensions] += each.low[i];
        }
        return new Explained(score, high, low);
    }

    private float[] row(double[] point) {
        if (point.length != dimensions) {
            throw new TrinoException(
                    StandardErrorCode.INVALID_FUNCTION_ARGUMENT,
                    "All rows of a partition have as many values for random_cut_forest: here are "
                            + point.length
                            + " behind rows of "
                            + dimensions);
        }
        float[] row = new float[dimensions];
        for (int i = 0; i < dimensions; i++) {
            row[i] = (float) point[i];
            if (!Float.isFinite(row[i])) {
                throw new TrinoException(
                        StandardErrorCode.INVALID_FUNCTION_ARGUMENT,
                        "A value of random_cut_forest is a finite number, not " + point[i]);
            }
        }
        return row;
    }
}
