/* SPDX-License-Identifier: Apache-2.0 */
/** Registered consumers and their subscriptions: enhanced fan-out. */
@NullMarked
package dev.millrace.broker.consumer;

import org.jspecify.annotations.NullMarked;
