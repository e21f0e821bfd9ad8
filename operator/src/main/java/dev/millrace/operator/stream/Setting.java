/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import dev.millrace.shard.map.StreamMode;

/**
 * What of a stream both its resource and the Kinesis API can change. All values are numbers, so
 * that one rule decides for all: a mode is that of its place among the modes.
 */
enum Setting {
    MODE("mode"),
    SHARD_COUNT("shardCount"),
    RETENTION_PERIOD_HOURS("retentionPeriodHours"),
    MAX_RECORD_SIZE_KIB("maxRecordSizeKiB");

    private final String field;

    Setting(String field) {
        this.field = field;
    }

    /** Its name in the spec. */
    String field() {
        return field;
    }

    /** A value as people read it. */
    String text(int value) {
        return this == MODE ? mode(value).name() : Integer.toString(value);
    }

    /** A value as JSON. */
    String json(int value) {
        return this == MODE ? '"' + text(value) + '"' : text(value);
    }

    static StreamMode mode(int value) {
        return StreamMode.values()[value];
    }
}
