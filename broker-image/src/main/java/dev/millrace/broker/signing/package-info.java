/* SPDX-License-Identifier: Apache-2.0 */
/** Signature Version 4, verified. */
@NullMarked
package dev.millrace.broker.signing;

import org.jspecify.annotations.NullMarked;
