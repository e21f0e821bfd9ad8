/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The shard map's log on Kafka: its topics, the form of its records, and how to read it. Whoever
 * reads or writes shards follows this log; only a gateway writes it.
 */
@NullMarked
package dev.millrace.shard.log;

import org.jspecify.annotations.NullMarked;
