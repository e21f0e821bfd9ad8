/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.map;

/** Whether a stream is bound by Kinesis's limits or by the hardware. */
public enum LimitsProfile {
    UNLIMITED,
    KINESIS
}
