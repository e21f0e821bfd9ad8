/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

/** What of a stream both its resource and the Kinesis API can change. */
enum Setting {
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
}
