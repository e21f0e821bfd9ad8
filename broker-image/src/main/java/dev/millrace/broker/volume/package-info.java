/* SPDX-License-Identifier: Apache-2.0 */
/** How full the brokers' volumes are, and what each topic takes of them. */
@NullMarked
package dev.millrace.broker.volume;

import org.jspecify.annotations.NullMarked;
