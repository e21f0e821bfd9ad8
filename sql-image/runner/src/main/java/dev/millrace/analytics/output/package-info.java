/* SPDX-License-Identifier: Apache-2.0 */
/** Writes results and progress, all or nothing. */
@NullMarked
package dev.millrace.analytics.output;

import org.jspecify.annotations.NullMarked;
