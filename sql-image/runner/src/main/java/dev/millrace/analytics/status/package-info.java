/* SPDX-License-Identifier: Apache-2.0 */
/** What an application tells of itself. */
@NullMarked
package dev.millrace.analytics.status;

import org.jspecify.annotations.NullMarked;
