/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino.function;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.airlift.slice.Slices;
import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.block.RowBlockBuilder;
import io.trino.spi.block.SqlMap;
import io.trino.spi.function.WindowFunctionSignature;
import io.trino.spi.type.DoubleType;
import io.trino.spi.type.VarcharType;
import java.util.List;
import java.util.Locale;

/**
 * {@code random_cut_forest_with_explanation(map(ARRAY['a', 'b'], ARRAY[a, b])) OVER (ORDER BY at)}:
 * the score, and which of the values made it, in the JSON that RANDOM_CUT_FOREST_WITH_EXPLANATION
 * of Kinesis Data Analytics writes.
 */
@WindowFunctionSignature(
        name = "random_cut_forest_with_explanation",
        returnType = "row(anomaly_score double, anomaly_explanation varchar)",
        argumentTypes = "map(varchar,double)")
@WindowFunctionSignature(
        name = "random_cut_forest_with_explanation",
        returnType = "row(anomaly_score double, anomaly_explanation varchar)",
        argumentTypes = {"map(varchar,double)", "bigint", "bigint", "bigint", "bigint"})
public final class RandomCutForestWithExplanationFunction extends ForestFunction {

    private static final JsonMapper JSON = new JsonMapper();

    public RandomCutForestWithExplanationFunction(List<Integer> channels) {
        super(channels);
    }

    @Override
    Block values(Object argument) {
        SqlMap map = (SqlMap) argument;
        return map.getRawValueBlock().getRegion(map.getRawOffset(), map.getSize());
    }

    @Override
    void write(BlockBuilder output, Forest forest, Object argument, double[] point) {
        Forest.Explained explained = forest.explain(point);
        SqlMap map = (SqlMap) argument;
        ObjectNode explanation = JSON.createObjectNode();
        for (int i = 0; i < point.length; i++) {
            String name =
                    VarcharType.VARCHAR
                            .getSlice(map.getRawKeyBlock(), map.getRawOffset() + i)
                            .toStringUtf8();
            double high = explained.high()[i];
            double low = explained.low()[i];
            explanation
                    .putObject(name)
                    .put("DIRECTION", high >= low ? "HIGH" : "LOW")
                    .put("STRENGTH", number(Math.abs(high - low)))
                    .put("ATTRIBUTION_SCORE", number(high + low));
        }
        ((RowBlockBuilder) output)
                .buildEntry(fields -> {
                    DoubleType.DOUBLE.writeDouble(fields.get(0), explained.score());
                    VarcharType.VARCHAR.writeSlice(
                            fields.get(1), Slices.utf8Slice(explanation.toString()));
                });
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
