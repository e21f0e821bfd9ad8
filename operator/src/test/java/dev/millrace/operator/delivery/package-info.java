/* SPDX-License-Identifier: Apache-2.0 */
@NullMarked
package dev.millrace.operator.delivery;

import org.jspecify.annotations.NullMarked;
