/* SPDX-License-Identifier: Apache-2.0 */
/** Who may call: access keys and their roles. */
@NullMarked
package dev.millrace.broker.access;

import org.jspecify.annotations.NullMarked;
