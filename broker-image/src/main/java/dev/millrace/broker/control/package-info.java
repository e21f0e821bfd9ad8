/* SPDX-License-Identifier: Apache-2.0 */
/** The operator's own API. */
@NullMarked
package dev.millrace.broker.control;

import org.jspecify.annotations.NullMarked;
