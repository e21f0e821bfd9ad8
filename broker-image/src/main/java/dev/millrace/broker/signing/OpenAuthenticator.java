/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.signing;

import dev.millrace.broker.access.Caller;
import dev.millrace.broker.wire.Authenticator;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.SignedRequest;

/**
 * Lets everyone in, for a gateway on the developer's own machine that was given no access keys. A
 * request that is signed must still be signed well-formed; one that is not is taken as it is.
 */
public final class OpenAuthenticator implements Authenticator {

    private static final String ANONYMOUS = "anonymous";

    @Override
    public Caller authenticate(SignedRequest request) {
        try {
            return Caller.unlimited(Signature.of(request).credential().accessKeyId());
        } catch (AwsException e) {
            if (e.code() == ErrorCode.MISSING_AUTHENTICATION_TOKEN) {
                return Caller.unlimited(ANONYMOUS);
            }
            throw e;
        }
    }
}
