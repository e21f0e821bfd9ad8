/* SPDX-License-Identifier: Apache-2.0 */
/** What a DeliveryStream asks of a worker, parsed at the edge. */
@NullMarked
package dev.millrace.delivery.settings;

import org.jspecify.annotations.NullMarked;
