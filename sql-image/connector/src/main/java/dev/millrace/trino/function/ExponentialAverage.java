/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino.function;

import io.trino.spi.StandardErrorCode;
import io.trino.spi.TrinoException;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.function.AccumulatorState;
import io.trino.spi.function.AggregationFunction;
import io.trino.spi.function.AggregationState;
import io.trino.spi.function.CombineFunction;
import io.trino.spi.function.Description;
import io.trino.spi.function.InputFunction;
import io.trino.spi.function.OutputFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.DoubleType;

/**
 * {@code exp_avg(price, at, INTERVAL '10' SECOND)}: an average in which a value weighs e times less
 * for each interval that it is older than the latest one.
 */
@AggregationFunction("exp_avg")
@Description("The average of values, the later the heavier: e times for each interval")
public final class ExponentialAverage {

    private static final double MICROS_PER_MILLI = 1_000;

    private ExponentialAverage() {}

    /** Sums, with the weights as of the latest time. */
    public interface State extends AccumulatorState {
        double getSum();

        void setSum(double sum);

        double getWeight();

        void setWeight(double weight);

        long getLatest();

        void setLatest(long micros);

        double getInterval();

        void setInterval(double micros);
    }

    @InputFunction
    public static void input(
            @AggregationState State state,
            @SqlType("double") double value,
            @SqlType("timestamp(3)") long time,
            @SqlType("interval day to second") long interval) {
        if (interval <= 0) {
            throw new TrinoException(
                    StandardErrorCode.INVALID_FUNCTION_ARGUMENT,
                    "The interval of exp_avg is longer than 0");
        }
        state.setInterval(interval * MICROS_PER_MILLI);
        add(state, value, 1, time);
    }

    @CombineFunction
    public static void combine(@AggregationState State state, @AggregationState State other) {
        if (other.getWeight() > 0) {
            state.setInterval(other.getInterval());
            add(state, other.getSum(), other.getWeight(), other.getLatest());
        }
    }

    @OutputFunction("double")
    public static void output(@AggregationState State state, BlockBuilder out) {
        if (state.getWeight() > 0) {
            DoubleType.DOUBLE.writeDouble(out, state.getSum() / state.getWeight());
        } else {
            out.appendNull();
        }
    }

    private static void add(State state, double sum, double weight, long time) {
        if (state.getWeight() == 0 || time > state.getLatest()) {
            double older =
                    state.getWeight() == 0
                            ? 0
                            : Math.exp((state.getLatest() - time) / state.getInterval());
            state.setSum(state.getSum() * older + sum);
            state.setWeight(state.getWeight() * older + weight);
            state.setLatest(time);
        } else {
            double older = Math.exp((time - state.getLatest()) / state.getInterval());
            state.setSum(state.getSum() + sum * older);
            state.setWeight(state.getWeight() + weight * older);
        }
    }
}
