/* SPDX-License-Identifier: Apache-2.0 */
/** Runs the queries of an application. */
@NullMarked
package dev.millrace.analytics.engine;

import org.jspecify.annotations.NullMarked;
