/* SPDX-License-Identifier: Apache-2.0 */
/** What a user sets of an application. */
@NullMarked
package dev.millrace.analytics.settings;

import org.jspecify.annotations.NullMarked;
