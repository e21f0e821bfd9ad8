/* SPDX-License-Identifier: Apache-2.0 */
/** The Stream resource: from spec to the pool's gateway, and from the Kinesis API back to spec. */
@NullMarked
package dev.millrace.operator.stream;

import org.jspecify.annotations.NullMarked;
