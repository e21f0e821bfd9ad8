/* SPDX-License-Identifier: Apache-2.0 */
@NullMarked
package dev.millrace.table;

import org.jspecify.annotations.NullMarked;
