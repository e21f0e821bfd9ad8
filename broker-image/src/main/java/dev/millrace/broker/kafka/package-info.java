/* SPDX-License-Identifier: Apache-2.0 */
/** Apache Kafka in this JVM: settings, formatting, start and stop. */
@NullMarked
package dev.millrace.broker.kafka;

import org.jspecify.annotations.NullMarked;
