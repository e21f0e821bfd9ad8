/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino.function;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/**
 * Places where points lie close together (Ester et al., "A density-based algorithm for discovering
 * clusters", 1996): a point with so many others within a radius is in one, and so are these.
 */
final class Hotspots {

    /**
     * A place.
     *
     * @param points how many points lie in it
     * @param density its points by the volume of its box, where each side is at least the radius
     * @param least the smallest value in each dimension
     * @param greatest the largest value in each dimension
     */
    record Hotspot(int points, double density, double[] least, double[] greatest) {}

    private final List<double[]> points;
    private final double radius;
    private final int minimum;

    private Hotspots(List<double[]> points, double radius, int minimum) {
        this.points = points;
        this.radius = radius;
        this.minimum = minimum;
    }

    /**
     * @param minimum how many points are needed within the radius of one, itself included
     * @return the densest first
     */
    static List<Hotspot> find(List<double[]> points, double radius, int minimum) {
        return new Hotspots(points, radius, minimum).find();
    }

    private List<Hotspot> find() {
        boolean[] seen = new boolean[points.size()];
        List<Hotspot> found = new ArrayList<>();
        for (int i = 0; i < points.size(); i++) {
            if (!seen[i]) {
                List<Integer> near = near(i);
                if (near.size() >= minimum) {
                    found.add(grow(near, seen));
                }
            }
        }
        found.sort(Comparator.comparingDouble(Hotspot::density).reversed());
        return found;
    }

    private Hotspot grow(List<Integer> first, boolean[] seen) {
        Deque<Integer> open = new ArrayDeque<>();
        List<double[]> members = new ArrayList<>();
        take(first, seen, open, members);
        while (!open.isEmpty()) {
            List<Integer> near = near(open.pop());
            if (near.size() >= minimum) {
                take(near, seen, open, members);
            }
        }
        return hotspot(members);
    }

    private void take(
            List<Integer> near, boolean[] seen, Deque<Integer> open, List<double[]> members) {
        for (int i : near) {
            if (!seen[i]) {
                seen[i] = true;
                open.push(i);
                members.add(points.get(i));
            }
        }
    }

    private Hotspot hotspot(List<double[]> members) {
        double[] least = members.getFirst().clone();
        double[] greatest = members.getFirst().clone();
        for (double[] point : members) {
            Arrays.setAll(least, d -> Math.min(least[d], point[d]));
            Arrays.setAll(greatest, d -> Math.max(greatest[d], point[d]));
        }
        double volume = 1;
        for (int d = 0; d < least.length; d++) {
            volume *= Math.max(greatest[d] - least[d], radius);
        }
        return new Hotspot(members.size(), members.size() / volume, least, greatest);
    }

    private List<Integer> near(int centre) {
        List<Integer> near = new ArrayList<>();
        double[] from = points.get(centre);
        for (int i = 0; i < points.size(); i++) {
            double squares = 0;
            double[] point = points.get(i);
            for (int d = 0; d < from.length; d++) {
                squares += (point[d] - from[d]) * (point[d] - from[d]);
            }
            if (squares <= radius * radius) {
                near.add(i);
            }
        }
        return near;
    }
}
