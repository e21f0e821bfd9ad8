/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.access;

import dev.millrace.broker.policy.Policy;

/**
 * A key that signs requests. Its text form does not show the secret.
 *
 * @param user the name of its holder, as policies and messages have it
 * @param policy what its holder may do
 */
public record AccessKey(String id, String secret, Role role, String user, Policy policy) {

    public AccessKey {
        if (id.isEmpty() || secret.isEmpty()) {
            throw new IllegalArgumentException("An access key has an id and a secret");
        }
    }

    /** A key without a name and a policy of its own: its holder may do all that the role may. */
    public AccessKey(String id, String secret, Role role) {
        this(id, secret, role, id, Policy.FULL_ACCESS);
    }

    @Override
    public String toString() {
        String limits = policy.equals(Policy.FULL_ACCESS) ? "" : ", with a policy";
        return "AccessKey[" + id + " of " + user + ", " + role + limits + "]";
    }
}
