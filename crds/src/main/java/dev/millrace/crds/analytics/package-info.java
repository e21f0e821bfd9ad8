/* SPDX-License-Identifier: Apache-2.0 */
/** The AnalyticsApplication resource. */
@NullMarked
package dev.millrace.crds.analytics;

import org.jspecify.annotations.NullMarked;
