/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino.function;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HotspotsTest {

    @Test
    void findsWhereManyPointsLie() {
        Random random = new Random(3);
        List<double[]> points = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            points.add(new double[] {100 * random.nextDouble(), 100 * random.nextDouble()});
        }
        for (int i = 0; i < 40; i++) {
            points.add(new double[] {30 + random.nextDouble(), 70 + random.nextDouble()});
            points.add(new double[] {80 + 2 * random.nextDouble(), 10 + 2 * random.nextDouble()});
        }

        List<Hotspots.Hotspot> found = Hotspots.find(points, 1, 10);

        assertThat(found).hasSize(2);
        assertThat(found.getFirst().density()).isGreaterThan(found.getLast().density());
        assertThat(found.getFirst().least()[0]).isBetween(29.0, 30.2);
        assertThat(found.getFirst().greatest()[1]).isBetween(70.8, 72.0);
        assertThat(found.getLast().points()).isGreaterThanOrEqualTo(38);
    }

    @Test
    void nothingIsNoHotspot() {
        assertThat(Hotspots.find(List.of(), 1, 2)).isEmpty();
        assertThat(Hotspots.find(List.of(new double[] {1}, new double[] {9}), 1, 2)).isEmpty();
    }
}
