/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What becomes of the records of queues: who has received which, when it is visible again, what is
 * a dead letter. Pure: no Kafka, no clock of its own.
 */
@NullMarked
package dev.millrace.shard.queue;

import org.jspecify.annotations.NullMarked;
