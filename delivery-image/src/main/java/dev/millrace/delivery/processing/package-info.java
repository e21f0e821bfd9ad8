/* SPDX-License-Identifier: Apache-2.0 */
/** What a source record turns into before it is buffered. */
@NullMarked
package dev.millrace.delivery.processing;

import org.jspecify.annotations.NullMarked;
