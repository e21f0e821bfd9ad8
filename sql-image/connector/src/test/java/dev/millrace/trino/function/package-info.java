/* SPDX-License-Identifier: Apache-2.0 */
@NullMarked
package dev.millrace.trino.function;

import org.jspecify.annotations.NullMarked;
