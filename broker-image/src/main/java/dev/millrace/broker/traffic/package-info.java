/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What goes through this gateway: counted for metrics, for on-demand streams, and against limits.
 */
@NullMarked
package dev.millrace.broker.traffic;

import org.jspecify.annotations.NullMarked;
