/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

import java.util.Arrays;
import java.util.Optional;

/** A metric that enhanced monitoring gives for each shard. */
public enum ShardLevelMetric {
    INCOMING_BYTES("IncomingBytes"),
    INCOMING_RECORDS("IncomingRecords"),
    OUTGOING_BYTES("OutgoingBytes"),
    OUTGOING_RECORDS("OutgoingRecords"),
    WRITE_PROVISIONED_THROUGHPUT_EXCEEDED("WriteProvisionedThroughputExceeded"),
    READ_PROVISIONED_THROUGHPUT_EXCEEDED("ReadProvisionedThroughputExceeded"),
    ITERATOR_AGE_MILLISECONDS("IteratorAgeMilliseconds");

    private final String kinesisName;

    ShardLevelMetric(String kinesisName) {
        this.kinesisName = kinesisName;
    }

    /** As the API and CloudWatch write it. */
    public String kinesisName() {
        return kinesisName;
    }

    public static Optional<ShardLevelMetric> named(String kinesisName) {
        return Arrays.stream(values())
                .filter(metric -> metric.kinesisName.equals(kinesisName))
                .findFirst();
    }
}
