/* SPDX-License-Identifier: Apache-2.0 */
/** What holds for the whole operator. */
@NullMarked
package dev.millrace.operator;

import org.jspecify.annotations.NullMarked;
