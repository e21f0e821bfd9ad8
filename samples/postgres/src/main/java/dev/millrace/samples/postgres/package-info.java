/* SPDX-License-Identifier: Apache-2.0 */
/** PostgreSQL for trying delivery out. */
@NullMarked
package dev.millrace.samples.postgres;

import org.jspecify.annotations.NullMarked;
