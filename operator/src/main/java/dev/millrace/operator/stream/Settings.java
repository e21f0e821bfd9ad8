/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.shard.map.StreamMode;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** A value for some or all settings. */
record Settings(Map<Setting, Integer> values) {

    static final Settings NONE = new Settings(Map.of());

    Settings {
        Map<Setting, Integer> copy = new EnumMap<>(Setting.class);
        copy.putAll(values);
        values = Collections.unmodifiableMap(copy);
    }

    static Settings of(
            StreamMode mode, int shardCount, int retentionPeriodHours, int maxRecordSizeKiB) {
        return new Settings(
                Map.of(
                        Setting.MODE, mode.ordinal(),
                        Setting.SHARD_COUNT, shardCount,
                        Setting.RETENTION_PERIOD_HOURS, retentionPeriodHours,
                        Setting.MAX_RECORD_SIZE_KIB, maxRecordSizeKiB));
    }

    Optional<Integer> get(Setting setting) {
        return Optional.ofNullable(values.get(setting));
    }

    Optional<StreamMode> mode() {
        return get(Setting.MODE).map(Setting::mode);
    }

    Settings without(Setting setting) {
        Map<Setting, Integer> rest = new EnumMap<>(Setting.class);
        rest.putAll(values);
        rest.remove(setting);
        return new Settings(rest);
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    Settings with(Setting setting, int value) {
        Map<Setting, Integer> changed = new EnumMap<>(Setting.class);
        changed.putAll(values);
        changed.put(setting, value);
        return new Settings(changed);
    }

    /** These, and the others where they have a value. */
    Settings overlaidBy(Settings others) {
        Settings all = this;
        for (Map.Entry<Setting, Integer> other : others.values.entrySet()) {
            all = all.with(other.getKey(), other.getValue());
        }
        return all;
    }
}
