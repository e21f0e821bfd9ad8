/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.access;

/** Who sent a request, once that is proven. */
public record Caller(String accessKeyId, Role role) {}
