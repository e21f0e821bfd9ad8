/* SPDX-License-Identifier: Apache-2.0 */
/** What goes through this gateway: counted for metrics and for on-demand streams. */
@NullMarked
package dev.millrace.broker.traffic;

import org.jspecify.annotations.NullMarked;
