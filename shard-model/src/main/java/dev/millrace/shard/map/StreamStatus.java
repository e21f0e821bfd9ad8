/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

/** Kinesis's own words for the state of a stream. */
public enum StreamStatus {
    CREATING,
    ACTIVE,
    UPDATING,
    DELETING
}
