/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino.function;

import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.function.WindowFunctionSignature;
import io.trino.spi.type.DoubleType;
import java.util.List;

/**
 * {@code random_cut_forest(ARRAY[a, b]) OVER (PARTITION BY k ORDER BY at)}: how far a row is from
 * what the rows before it were like, as RANDOM_CUT_FOREST of Kinesis Data Analytics says it.
 */
@WindowFunctionSignature(
        name = "random_cut_forest",
        returnType = "double",
        argumentTypes = "array(double)")
@WindowFunctionSignature(
        name = "random_cut_forest",
        returnType = "double",
        argumentTypes = {"array(double)", "bigint", "bigint", "bigint", "bigint"})
public final class RandomCutForestFunction extends ForestFunction {

    public RandomCutForestFunction(List<Integer> channels) {
        super(channels);
    }

    @Override
    Block values(Object argument) {
        return (Block) argument;
    }

    @Override
    void write(BlockBuilder output, Forest forest, Object argument, double[] point) {
        DoubleType.DOUBLE.writeDouble(output, forest.score(point));
    }
}
