/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What is buffered, sealed, committed and delivered: decisions without Kafka, destination or clock.
 */
@NullMarked
package dev.millrace.delivery.engine;

import org.jspecify.annotations.NullMarked;
