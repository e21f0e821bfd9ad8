/* SPDX-License-Identifier: Apache-2.0 */
/** Kafka and the gateway in one process. */
@NullMarked
package dev.millrace.broker.standalone;

import org.jspecify.annotations.NullMarked;
