/* SPDX-License-Identifier: Apache-2.0 */
/** The source, the descriptors' log and the transactions: a worker's loop. */
@NullMarked
package dev.millrace.delivery.kafka;

import org.jspecify.annotations.NullMarked;
