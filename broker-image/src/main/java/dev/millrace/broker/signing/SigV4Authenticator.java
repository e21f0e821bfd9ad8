/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.signing;

import dev.millrace.broker.access.AccessKey;
import dev.millrace.broker.access.AccessKeys;
import dev.millrace.broker.access.Caller;
import dev.millrace.broker.wire.Authenticator;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.SignedRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Set;

/**
 * Verifies AWS Signature Version 4 and answers in AWS's words where it does not hold. Safe to use
 * from any thread.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html">Create
 *     a signed AWS API request</a>
 */
public final class SigV4Authenticator implements Authenticator {

    private static final Duration SKEW_MAX = Duration.ofMinutes(15);
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'");
    private static final String UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";
    private static final String MISMATCH =
            "The request signature we calculated does not match the signature you provided. Check"
                    + " your AWS Secret Access Key and signing method. Consult the service"
                    + " documentation for details.";

    private final AccessKeys keys;
    private final Set<String> services;
    private final InstantSource clock;
    private final SigningKeys signingKeys = new SigningKeys();

    /**
     * @param services the names that a credential's scope may hold
     */
    public SigV4Authenticator(AccessKeys keys, Set<String> services, InstantSource clock) {
        this.keys = keys;
        this.services = Set.copyOf(services);
        this.clock = clock;
    }

    @Override
    public Caller authenticate(SignedRequest request) {
        Signature signature = Signature.of(request);
        checkScope(signature);
        checkSignedHeaders(request, signature);
        AccessKey key =
                keys.find(signature.credential().accessKeyId())
                        .orElseThrow(() ->
                                new AwsException(
                                        ErrorCode.UNRECOGNIZED_CLIENT,
                                        "The security token included in the request is"
                                                + " invalid."));
        checkTime(signature);
        String expected =
                signingKeys.sign(
                        key,
                        signature.credential().scope(),
                        stringToSign(signature, canonical(request, signature)));
        if (!sameInConstantTime(expected, signature.hex())) {
            throw invalid(MISMATCH);
        }
        return Caller.of(key);
    }

    private static String canonical(SignedRequest request, Signature signature) {
        return CanonicalRequest.of(request, signature, payloadHash(request));
    }

    private static String payloadHash(SignedRequest request) {
        Optional<String> announced =
                request.headers().values("x-amz-content-sha256").stream().findFirst();
        if (announced.isPresent() && announced.get().equals(UNSIGNED_PAYLOAD)) {
            return UNSIGNED_PAYLOAD;
        }
        String actual = SigningKeys.sha256Hex(request.body(), request.bodyLength());
        if (announced.isPresent() && !sameInConstantTime(actual, announced.get())) {
            throw invalid(MISMATCH);
        }
        return actual;
    }

    private static String stringToSign(Signature signature, String canonicalRequest) {
        return Signature.ALGORITHM
                + "\n"
                + signature.date()
                + "\n"
                + signature.credential().scope()
                + "\n"
                + SigningKeys.sha256Hex(canonicalRequest);
    }

    private void checkScope(Signature signature) {
        CredentialScope scope = signature.credential().scope();
        if (!services.contains(scope.service())) {
            throw invalid(
                    "Credential should be scoped to correct service: '%s'. "
                            .formatted(String.join("' or '", services)));
        }
        if (!signature.date().startsWith(scope.date())) {
            throw invalid(
                    ("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of"
                                    + " date from HTTP: '%s' != '%s', from '%s'.")
                            .formatted(
                                    scope.date(),
                                    signature.date().split("T", 2)[0],
                                    signature.date()));
        }
    }

    /**
     * What decides where a request goes and what it does must be signed. Over HTTP/2 some clients,
     * the AWS SDK for JavaScript among them, sign the host under its name there.
     */
    private static void checkSignedHeaders(SignedRequest request, Signature signature) {
        for (String name : new String[] {"host", "x-amz-target"}) {
            boolean present = !request.headers().values(name).isEmpty();
            boolean signed =
                    signature.signedHeaders().contains(name)
                            || name.equals("host")
                                    && signature.signedHeaders().contains(":authority");
            if (present && !signed) {
                throw invalid(
                        "'%s' must be a 'SignedHeader' in the AWS Authorization."
                                .formatted(name.equals("host") ? "Host" : "X-Amz-Target"));
            }
        }
    }

    private void checkTime(Signature signature) {
        Instant now = clock.instant();
        Instant signed;
        try {
            signed = LocalDateTime.parse(signature.date(), DATE).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException _) {
            throw new AwsException(
                    ErrorCode.INCOMPLETE_SIGNATURE,
                    "Date must be in ISO-8601 'basic format'. Got '%s'. See"
                                    .formatted(signature.date())
                            + " http://en.wikipedia.org/wiki/ISO_8601");
        }
        Duration validFor =
                signature.expiresSeconds().isPresent()
                        ? Duration.ofSeconds(signature.expiresSeconds().getAsLong())
                        : SKEW_MAX;
        if (signed.isBefore(now.minus(validFor))) {
            throw invalid(
                    "Signature expired: %s is now earlier than %s (%s - %d min.)"
                            .formatted(
                                    signature.date(),
                                    format(now.minus(validFor)),
                                    format(now),
                                    validFor.toMinutes()));
        }
        if (signed.isAfter(now.plus(SKEW_MAX))) {
            throw invalid(
                    "Signature not yet current: %s is still later than %s (%s + %d min.)"
                            .formatted(
                                    signature.date(),
                                    format(now.plus(SKEW_MAX)),
                                    format(now),
                                    SKEW_MAX.toMinutes()));
        }
    }

    private static String format(Instant time) {
        return DATE.format(time.atOffset(ZoneOffset.UTC));
    }

    private static boolean sameInConstantTime(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(StandardCharsets.US_ASCII), other.getBytes(StandardCharsets.US_ASCII));
    }

    private static AwsException invalid(String message) {
        return new AwsException(ErrorCode.INVALID_SIGNATURE, message);
    }
}
