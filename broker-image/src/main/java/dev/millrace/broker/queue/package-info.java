/* SPDX-License-Identifier: Apache-2.0 */
/** Queues: records of a stream that are received, acknowledged and otherwise come back. */
@NullMarked
package dev.millrace.broker.queue;

import org.jspecify.annotations.NullMarked;
