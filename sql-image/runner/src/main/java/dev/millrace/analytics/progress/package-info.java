/* SPDX-License-Identifier: Apache-2.0 */
/** How far an application has come, and what is to be run next. Pure. */
@NullMarked
package dev.millrace.analytics.progress;

import org.jspecify.annotations.NullMarked;
