/* SPDX-License-Identifier: Apache-2.0 */
/** Liveness, readiness and metrics over HTTP. */
@NullMarked
package dev.millrace.broker.health;

import org.jspecify.annotations.NullMarked;
