/* SPDX-License-Identifier: Apache-2.0 */
/** Wires the gateway together. */
@NullMarked
package dev.millrace.broker.gateway;

import org.jspecify.annotations.NullMarked;
