/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

/** What decides the shard of a record. */
public enum RecordDistributionStrategy {
    /** The hash of its partition key, or its explicit hash key. */
    USER_PARTITION_KEY,

    /** Nothing of the record: records are spread evenly, and no key is needed. */
    AUTO
}
