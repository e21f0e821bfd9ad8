/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a user sets of a stream, beside its shards.
 *
 * @param retentionHours how long records can be read, 24 to 8,760 hours
 * @param maxRecordSizeKiB the largest record (data and partition key), 1,024 to 10,240 KiB
 * @param tags at most 50, in the order of their keys
 */
public record StreamSettings(
        StreamMode mode,
        LimitsProfile limits,
        int retentionHours,
        int maxRecordSizeKiB,
        Map<String, String> tags) {

    public static final int RETENTION_HOURS_MIN = 24;
    public static final int RETENTION_HOURS_MAX = 8_760;
    public static final int RECORD_SIZE_KIB_MIN = 1_024;
    public static final int RECORD_SIZE_KIB_MAX = 10_240;
    public static final int TAGS_MAX = 50;

    public static final StreamSettings DEFAULT =
            new StreamSettings(
                    StreamMode.PROVISIONED,
                    LimitsProfile.UNLIMITED,
                    RETENTION_HOURS_MIN,
                    RECORD_SIZE_KIB_MIN,
                    Map.of());

    public StreamSettings {
        tags = Collections.unmodifiableMap(new TreeMap<>(tags));
    }

    public StreamSettings withRetentionHours(int hours) {
        return new StreamSettings(mode, limits, hours, maxRecordSizeKiB, tags);
    }

    public StreamSettings withTags(Map<String, String> newTags) {
        return new StreamSettings(mode, limits, retentionHours, maxRecordSizeKiB, newTags);
    }
}
