/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.volume;

import java.util.OptionalDouble;

/**
 * What a topic takes of the volumes.
 *
 * @param bytes of all copies together
 * @param replicas copies of each record
 * @param growthPerSecond bytes that are written to one copy, on average over the last hour; empty
 *     until it was looked at twice
 */
public record TopicStorage(long bytes, int replicas, OptionalDouble growthPerSecond) {}
