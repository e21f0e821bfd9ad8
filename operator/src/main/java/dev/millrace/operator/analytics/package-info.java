/* SPDX-License-Identifier: Apache-2.0 */
/** An AnalyticsApplication becomes a pod with Trino and the SQL runner. */
@NullMarked
package dev.millrace.operator.analytics;

import org.jspecify.annotations.NullMarked;
