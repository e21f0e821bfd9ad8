/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

/** Counts requests and how long they took. */
@FunctionalInterface
public interface RequestMeter {

    /** Counts nothing. */
    RequestMeter NONE = (_, _, _) -> {};

    /**
     * @param target the operation, or "unknown"
     * @param outcome "ok" or the name of the error
     */
    void record(String target, String outcome, long nanos);
}
