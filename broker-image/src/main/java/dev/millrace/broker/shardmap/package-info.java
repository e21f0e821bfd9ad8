/* SPDX-License-Identifier: Apache-2.0 */
/** The shard map of the pool, followed and changed. */
@NullMarked
package dev.millrace.broker.shardmap;

import org.jspecify.annotations.NullMarked;
