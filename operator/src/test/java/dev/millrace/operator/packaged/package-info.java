/* SPDX-License-Identifier: Apache-2.0 */
/** The operator as it is shipped, on a real API server, with the chart's roles and no others. */
@NullMarked
package dev.millrace.operator.packaged;

import org.jspecify.annotations.NullMarked;
