/* SPDX-License-Identifier: Apache-2.0 */
/** What Prometheus is told of the operator. */
@NullMarked
package dev.millrace.operator.metrics;

import org.jspecify.annotations.NullMarked;
