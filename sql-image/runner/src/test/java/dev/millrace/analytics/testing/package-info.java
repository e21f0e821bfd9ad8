/* SPDX-License-Identifier: Apache-2.0 */
/** The servers that the tests run against: a real Trino, a real Kafka with the gateway. */
@NullMarked
package dev.millrace.analytics.testing;

import org.jspecify.annotations.NullMarked;
