/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.access;

import dev.millrace.broker.policy.Policy;

/**
 * Who sent a request, once that is proven.
 *
 * @param user the caller's name, as policies and messages have it
 * @param policy what the caller may do, as far as no policy of a stream says otherwise
 */
public record Caller(String accessKeyId, Role role, String user, Policy policy) {

    public static Caller of(AccessKey key) {
        return new Caller(key.id(), key.role(), key.user(), key.policy());
    }

    /** A client with no policy of its own: it may use all of Amazon's APIs. */
    public static Caller unlimited(String accessKeyId) {
        return new Caller(accessKeyId, Role.CLIENT, accessKeyId, Policy.FULL_ACCESS);
    }
}
