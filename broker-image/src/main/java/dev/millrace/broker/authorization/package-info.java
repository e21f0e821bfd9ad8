/* SPDX-License-Identifier: Apache-2.0 */
/** Who may do what: policies of access keys and of streams, applied to every operation. */
@NullMarked
package dev.millrace.broker.authorization;

import org.jspecify.annotations.NullMarked;
