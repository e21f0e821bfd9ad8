/* SPDX-License-Identifier: Apache-2.0 */
/** What the controllers of several kinds of resources share. */
@NullMarked
package dev.millrace.operator.resource;

import org.jspecify.annotations.NullMarked;
