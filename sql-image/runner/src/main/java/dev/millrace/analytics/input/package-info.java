/* SPDX-License-Identifier: Apache-2.0 */
/** Reads streams: which rows there are, and when they happened. */
@NullMarked
package dev.millrace.analytics.input;

import org.jspecify.annotations.NullMarked;
