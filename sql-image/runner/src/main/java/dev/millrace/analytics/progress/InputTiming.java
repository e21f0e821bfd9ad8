/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.progress;

import java.time.Duration;

/**
 * When rows of an input are expected.
 *
 * @param byArrival whether a row happens when it arrives: then time goes on without rows, too
 * @param allowedLateness how long a row may come after others that happened later
 * @param idleTimeout after so long without a row a shard does not hold the others up
 */
public record InputTiming(boolean byArrival, Duration allowedLateness, Duration idleTimeout) {}
