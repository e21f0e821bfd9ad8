/* SPDX-License-Identifier: Apache-2.0 */
/** How producers put several records into one. */
@NullMarked
package dev.millrace.shard.kpl;

import org.jspecify.annotations.NullMarked;
