/* SPDX-License-Identifier: Apache-2.0 */
/** The environment variables that the operator sets. */
@NullMarked
package dev.millrace.broker.env;

import org.jspecify.annotations.NullMarked;
