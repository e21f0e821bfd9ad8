/* SPDX-License-Identifier: Apache-2.0 */
/** DeliveryStreams: their workers, and what the resources say of them. */
@NullMarked
package dev.millrace.operator.delivery;

import org.jspecify.annotations.NullMarked;
