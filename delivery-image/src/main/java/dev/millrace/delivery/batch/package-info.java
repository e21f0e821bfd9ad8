/* SPDX-License-Identifier: Apache-2.0 */
/** What a batch is: its records, its descriptor, and where it goes. */
@NullMarked
package dev.millrace.delivery.batch;

import org.jspecify.annotations.NullMarked;
