/* SPDX-License-Identifier: Apache-2.0 */
@NullMarked
package dev.millrace.operator.resource;

import org.jspecify.annotations.NullMarked;
