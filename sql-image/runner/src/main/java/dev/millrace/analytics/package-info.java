/* SPDX-License-Identifier: Apache-2.0 */
/** Continuous SQL over streams. */
@NullMarked
package dev.millrace.analytics;

import org.jspecify.annotations.NullMarked;
