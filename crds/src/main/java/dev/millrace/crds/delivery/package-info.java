/* SPDX-License-Identifier: Apache-2.0 */
/** The DeliveryStream resource. */
@NullMarked
package dev.millrace.crds.delivery;

import org.jspecify.annotations.NullMarked;
