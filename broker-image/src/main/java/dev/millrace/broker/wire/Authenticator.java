/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import dev.millrace.broker.access.Caller;

/** Finds out who sent a request. */
@FunctionalInterface
public interface Authenticator {

    /**
     * @throws AwsException if that is not proven
     */
    Caller authenticate(SignedRequest request);
}
