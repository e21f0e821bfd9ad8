/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino.function;

import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.function.ValueWindowFunction;
import io.trino.spi.type.DoubleType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A window function that learns from the rows of a partition, in their order. The frame does not
 * matter. A row with a NULL has a NULL for its score, and nothing is learnt from it.
 */
abstract class ForestFunction extends ValueWindowFunction {

    private static final int VALUES = 0;
    private static final int OPTIONS = 4;

    private final List<Integer> channels;
    private @Nullable Forest forest;

    ForestFunction(List<Integer> channels) {
        this.channels = List.copyOf(channels);
    }

    /** What is written for a row that has all its values. */
    abstract void write(BlockBuilder output, Forest forest, Object argument, double[] point);

    /** The values of an argument. */
    abstract Block values(Object argument);

    @Override
    public final void reset() {
        forest = null;
    }

    @Override
    public final void processRow(
            BlockBuilder output, int frameStart, int frameEnd, int currentPosition) {
        int channel = channels.get(VALUES);
        if (windowIndex.isNull(channel, currentPosition)) {
            output.appendNull();
            return;
        }
        Object argument = windowIndex.getObject(channel, currentPosition);
        Block values = values(argument);
        double[] point = new double[values.getPositionCount()];
        for (int i = 0; i < point.length; i++) {
            if (values.isNull(i)) {
                output.appendNull();
                return;
            }
            point[i] = DoubleType.DOUBLE.getDouble(values, i);
        }
        if (forest == null) {
            forest = new Forest(point.length, options(currentPosition));
        }
        write(output, forest, argument, point);
    }

    private Forest.Options options(int position) {
        if (channels.size() <= OPTIONS) {
            return Forest.Options.DEFAULT;
        }
        return new Forest.Options(
                windowIndex.getLong(channels.get(1), position),
                windowIndex.getLong(channels.get(2), position),
                windowIndex.getLong(channels.get(3), position),
                windowIndex.getLong(channels.get(OPTIONS), position));
    }
}
