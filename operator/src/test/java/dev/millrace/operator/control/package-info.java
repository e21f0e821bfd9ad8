/* SPDX-License-Identifier: Apache-2.0 */
@NullMarked
package dev.millrace.operator.control;

import org.jspecify.annotations.NullMarked;
