/* SPDX-License-Identifier: Apache-2.0 */
/** Mounted Secrets. */
@NullMarked
package dev.millrace.delivery.secret;

import org.jspecify.annotations.NullMarked;
