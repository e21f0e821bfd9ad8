/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.access;

/** A key that signs requests. Its text form does not show the secret. */
public record AccessKey(String id, String secret, Role role) {

    public AccessKey {
        if (id.isEmpty() || secret.isEmpty()) {
            throw new IllegalArgumentException("An access key has an id and a secret");
        }
    }

    @Override
    public String toString() {
        return "AccessKey[" + id + ", " + role + "]";
    }
}
