/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

/** Who decides the number of shards. */
public enum StreamMode {
    /** The user does. */
    PROVISIONED,

    /** The stream's load does. */
    ON_DEMAND
}
