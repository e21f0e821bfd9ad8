/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.policy;

/** A policy that cannot be understood; the message says where and why. */
public final class MalformedPolicyException extends Exception {

    public MalformedPolicyException(String message) {
        super(message);
    }
}
