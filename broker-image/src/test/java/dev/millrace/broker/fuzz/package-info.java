/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Requests that are wrong in every way that a seed leads to, and floods of them, over a real Kafka.
 */
package dev.millrace.broker.fuzz;
