/* SPDX-License-Identifier: Apache-2.0 */
/** Queues and channels, which this service has none of. */
@NullMarked
package dev.millrace.broker.queue;

import org.jspecify.annotations.NullMarked;
