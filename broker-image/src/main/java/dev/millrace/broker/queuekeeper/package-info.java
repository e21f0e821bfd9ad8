/* SPDX-License-Identifier: Apache-2.0 */
/** The keepers of queues on Kafka: their log, their inbox, and who is one. */
@NullMarked
package dev.millrace.broker.queuekeeper;

import org.jspecify.annotations.NullMarked;
