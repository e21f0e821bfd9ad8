/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.matrix;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is where at a time.
 *
 * @param expected how many were put, with ids from 0 on
 * @param there ids at the destination
 * @param refused ids in the backup
 */
public record Counts(int expected, List<Long> there, List<Long> refused) {

    public Counts {
        there = List.copyOf(there);
        refused = List.copyOf(refused);
    }

    /** Whether each is somewhere. */
    public boolean isComplete() {
        Set<Long> all = new HashSet<>(there);
        all.addAll(refused);
        return all.size() >= expected;
    }

    /** What is wrong with them by a guarantee; nothing if all is well. */
    public String wrong(Target.Guarantee guarantee) {
        Set<Long> once = new HashSet<>(there);
        Set<Long> refusedOnce = new HashSet<>(refused);
        StringBuilder wrong = new StringBuilder();
        if (guarantee != Target.Guarantee.AT_LEAST_ONCE && once.size() != there.size()) {
            wrong.append(there.size() - once.size()).append(" are there more than once. ");
        }
        if (refusedOnce.size() != refused.size()) {
            wrong.append(refused.size() - refusedOnce.size())
                    .append(" are in the backup more than once. ");
        }
        long both = refused.stream().filter(once::contains).count();
        if (guarantee != Target.Guarantee.AT_LEAST_ONCE && both > 0) {
            wrong.append(both).append(" are there and in the backup. ");
        }
        once.addAll(refusedOnce);
        for (long id = 0; id < expected; id++) {
            if (!once.remove(id)) {
                wrong.append(id).append(" is missing. ");
            }
        }
        if (!once.isEmpty()) {
            wrong.append("Nobody has put ").append(once);
        }
        return wrong.toString();
    }
}
