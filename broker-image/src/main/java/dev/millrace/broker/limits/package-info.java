/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Kinesis's limits of each shard, kept by all gateways of a pool together: each has a part of every
 * limit and lends what it does not use.
 */
@NullMarked
package dev.millrace.broker.limits;

import org.jspecify.annotations.NullMarked;
