/* SPDX-License-Identifier: Apache-2.0 */
/** The delivery worker: moves a stream to a destination. */
@NullMarked
package dev.millrace.delivery;

import org.jspecify.annotations.NullMarked;
