/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.batch;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** What records must have in common to get into one object. */
public sealed interface BufferKey {

    /**
     * Records for the destination.
     *
     * @param partitionKeys the values of dynamic partitioning by their names; none without it
     */
    record Data(Map<String, String> partitionKeys) implements BufferKey {
        /** All records where nothing is partitioned. */
        public static final Data ALL = new Data(Map.of());

        public Data {
            partitionKeys = Collections.unmodifiableMap(new TreeMap<>(partitionKeys));
        }
    }

    /**
     * Records that can never be delivered.
     *
     * @param errorType Firehose's word for why, such as {@code processing-failed}
     */
    record Failed(String errorType) implements BufferKey {
        /** Records of partitions beyond those that may be active at once. */
        public static final Failed ACTIVE_PARTITION_EXCEEDED =
                new Failed("activePartitionExceeded");
    }

    /** Records as they came in, for the backup. */
    record Backup() implements BufferKey {}
}
