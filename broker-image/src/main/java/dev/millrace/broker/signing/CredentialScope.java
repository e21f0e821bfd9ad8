/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.signing;

import java.util.Optional;

/** What a signing key is derived for: {@code 20261101/us-east-1/kinesis/aws4_request}. */
record CredentialScope(String date, String region, String service) {

    static final String TERMINATOR = "aws4_request";

    /** An access key id with a scope, as {@code Credential} holds them. */
    record Credential(String accessKeyId, CredentialScope scope) {

        /** None unless it has five parts and the right terminator. */
        static Optional<Credential> parse(String text) {
            String[] parts = text.split("/", -1);
            if (parts.length < 5 || !parts[parts.length - 1].equals(TERMINATOR)) {
                return Optional.empty();
            }
            int last = parts.length - 1;
            // An id may hold slashes itself; the scope cannot.
            String id = text.substring(0, idLength(parts, last));
            return id.isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                            new Credential(
                                    id,
                                    new CredentialScope(
                                            parts[last - 3], parts[last - 2], parts[last - 1])));
        }

        private static int idLength(String[] parts, int last) {
            int length = last - 4;
            for (int i = 0; i <= last - 4; i++) {
                length += parts[i].length();
            }
            return length;
        }
    }

    @Override
    public String toString() {
        return date + "/" + region + "/" + service + "/" + TERMINATOR;
    }
}
