/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import java.util.ArrayList;
import java.util.List;

/**
 * What the writer decided: records to commit in one transaction, then effects to carry out.
 *
 * @param records in the order in which they are replayed
 */
public record Decision(List<ShardMapRecord> records, List<Effect> effects) {

    public static final Decision NOTHING = new Decision(List.of(), List.of());

    public Decision {
        records = List.copyOf(records);
        effects = List.copyOf(effects);
    }

    static Decision write(ShardMapRecord... records) {
        return new Decision(List.of(records), List.of());
    }

    static Decision effect(Effect... effects) {
        return new Decision(List.of(), List.of(effects));
    }

    Decision and(Decision next) {
        if (records.isEmpty() && effects.isEmpty()) {
            return next;
        }
        List<ShardMapRecord> allRecords = new ArrayList<>(records);
        allRecords.addAll(next.records);
        List<Effect> allEffects = new ArrayList<>(effects);
        allEffects.addAll(next.effects);
        return new Decision(allRecords, allEffects);
    }

    public boolean isEmpty() {
        return records.isEmpty() && effects.isEmpty();
    }
}
