/* SPDX-License-Identifier: Apache-2.0 */
/** What a worker tells of itself: health, metrics, status. */
@NullMarked
package dev.millrace.delivery.status;

import org.jspecify.annotations.NullMarked;
