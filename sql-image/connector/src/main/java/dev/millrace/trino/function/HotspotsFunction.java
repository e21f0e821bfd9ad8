/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino.function;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.airlift.slice.Slice;
import io.airlift.slice.Slices;
import io.trino.spi.StandardErrorCode;
import io.trino.spi.TrinoException;
import io.trino.spi.block.Block;
import io.trino.spi.function.Description;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.DoubleType;
import java.util.ArrayList;
import java.util.List;

/** {@code hotspots(array_agg(ARRAY[x, y]), radius, minimum)}, of a group or of a frame. */
public final class HotspotsFunction {

    /** Each point is compared with each other one. */
    private static final int POINTS_MAX = 10_000;

    private static final ArrayType POINTS = new ArrayType(new ArrayType(DoubleType.DOUBLE));
    private static final JsonMapper JSON = new JsonMapper();

    private HotspotsFunction() {}

    @ScalarFunction("hotspots")
    @Description(
            "Where at least so many points lie within a radius, the densest place first: JSON as HOTSPOTS"
                    + " of Kinesis Data Analytics writes it")
    @SqlType("varchar")
    public static Slice hotspots(
            @SqlType("array(array(double))") Block block,
            @SqlType("double") double radius,
            @SqlType("bigint") long minimum) {
        if (radius <= 0 || minimum < 2) {
            throw new TrinoException(
                    StandardErrorCode.INVALID_FUNCTION_ARGUMENT,
                    "hotspots takes a radius above 0 and at least 2 points, not "
                            + radius
                            + " and "
                            + minimum);
        }
        List<Hotspots.Hotspot> found =
                Hotspots.find(points(block), radius, (int) Math.min(Integer.MAX_VALUE, minimum));
        ObjectNode result = JSON.createObjectNode();
        ArrayNode hotspots = result.putArray("hotspots");
        for (Hotspots.Hotspot hotspot : found) {
            ObjectNode each =
                    hotspots.addObject()
                            .put("density", hotspot.density())
                            .put("points", hotspot.points());
            put(each.putArray("minValues"), hotspot.least());
            put(each.putArray("maxValues"), hotspot.greatest());
        }
        return Slices.utf8Slice(result.toString());
    }

    private static void put(ArrayNode array, double[] values) {
        for (double value : values) {
            array.add(value);
        }
    }

    private static List<double[]> points(Block block) {
        int count = block.getPositionCount();
        if (count > POINTS_MAX) {
            throw new TrinoException(
                    StandardErrorCode.INVALID_FUNCTION_ARGUMENT,
                    "hotspots takes at most "
                            + POINTS_MAX
                            + " points, not "
                            + count
                            + ": take a smaller window, or ROWS BETWEEN 999 PRECEDING AND CURRENT ROW");
        }
        List<double[]> points = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            if (!block.isNull(i)) {
                point((Block) POINTS.getElementType().getObject(block, i), points);
            }
        }
        return points;
    }

    private static void point(Block values, List<double[]> points) {
        double[] point = new double[values.getPositionCount()];
        for (int d = 0; d < point.length; d++) {
            if (values.isNull(d)) {
                return;
            }
            point[d] = DoubleType.DOUBLE.getDouble(values, d);
        }
        if (!points.isEmpty() && points.getFirst().length != point.length) {
            throw new TrinoException(
                    StandardErrorCode.INVALID_FUNCTION_ARGUMENT,
                    "The points of hotspots have as many values each; here are "
                            + points.getFirst().length
                            + " and "
                            + point.length);
        }
        points.add(point);
    }
}
