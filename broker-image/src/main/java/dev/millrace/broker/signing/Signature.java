/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.signing;

import dev.millrace.broker.signing.CredentialScope.Credential;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.SignedRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A signature as a request carries it, in its Authorization header or in its query.
 *
 * @param date when it was signed, {@code 20261101T120000Z}
 * @param inQuery whether the query carries it
 * @param expiresSeconds how long it is valid, where it says so
 */
record Signature(
        Credential credential,
        List<String> signedHeaders,
        String hex,
        String date,
        boolean inQuery,
        OptionalLong expiresSeconds) {

    static final String ALGORITHM = "AWS4-HMAC-SHA256";

    Signature {
        signedHeaders = List.copyOf(signedHeaders);
    }

    /**
     * @throws AwsException if there is none, or part of it is missing
     */
    static Signature of(SignedRequest request) {
        Optional<String> header = first(request, "Authorization");
        boolean query = request.query().contains("X-Amz-Algorithm=");
        if (header.isPresent() && query) {
            throw new AwsException(
                    ErrorCode.INVALID_SIGNATURE,
                    "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as"
                            + " HTTP header.");
        }
        if (query) {
            return ofQuery(request);
        }
        if (header.isEmpty() || header.get().isBlank()) {
            throw new AwsException(
                    ErrorCode.MISSING_AUTHENTICATION_TOKEN, "Missing Authentication Token");
        }
        return ofHeader(request, header.get());
    }

    private static Signature ofHeader(SignedRequest request, String authorization) {
        if (!authorization.startsWith(ALGORITHM)) {
            throw incomplete("Unsupported AWS 'algorithm': '" + algorithmOf(authorization) + "'.");
        }
        Map<String, String> parts = new HashMap<>();
        for (String part : authorization.substring(ALGORITHM.length()).split("[, ]+")) {
            int equals = part.indexOf('=');
            if (equals > 0) {
                parts.put(part.substring(0, equals), part.substring(equals + 1));
            }
        }
        Optional<String> date = first(request, "X-Amz-Date").or(() -> first(request, "Date"));
        List<String> missing = new ArrayList<>();
        for (String name : List.of("Credential", "Signature", "SignedHeaders")) {
            if (parts.getOrDefault(name, "").isEmpty()) {
                missing.add("Authorization header requires '" + name + "' parameter.");
            }
        }
        if (date.isEmpty()) {
            missing.add(
                    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date'"
                            + " header.");
        }
        if (!missing.isEmpty()) {
            throw incomplete(
                    String.join(" ", missing) + " Authorization=" + algorithmOf(authorization));
        }
        return new Signature(
                credential(parts.getOrDefault("Credential", "")),
                List.of(parts.getOrDefault("SignedHeaders", "").split(";")),
                parts.getOrDefault("Signature", ""),
                date.orElseThrow(),
                false,
                OptionalLong.empty());
    }

    private static Signature ofQuery(SignedRequest request) {
        Map<String, String> parts = new HashMap<>();
        for (String parameter : request.query().split("&")) {
            int equals = parameter.indexOf('=');
            if (equals > 0) {
                parts.put(
                        decode(parameter.substring(0, equals)),
                        decode(parameter.substring(equals + 1)));
            }
        }
        List<String> missing = new ArrayList<>();
        for (String name :
                List.of(
                        "X-Amz-Algorithm",
                        "X-Amz-Credential",
                        "X-Amz-Signature",
                        "X-Amz-SignedHeaders",
                        "X-Amz-Date")) {
            if (parts.getOrDefault(name, "").isEmpty()) {
                missing.add("AWS query-string parameters must include '" + name + "'.");
            }
        }
        if (!missing.isEmpty()) {
            throw incomplete(
                    String.join(" ", missing) + " Re-examine the query-string parameters.");
        }
        if (!ALGORITHM.equals(parts.get("X-Amz-Algorithm"))) {
            throw incomplete(
                    "Unsupported AWS 'algorithm': '" + parts.get("X-Amz-Algorithm") + "'.");
        }
        return new Signature(
                credential(parts.getOrDefault("X-Amz-Credential", "")),
                List.of(parts.getOrDefault("X-Amz-SignedHeaders", "").split(";")),
                parts.getOrDefault("X-Amz-Signature", ""),
                parts.getOrDefault("X-Amz-Date", ""),
                true,
                expires(parts.get("X-Amz-Expires")));
    }

    private static OptionalLong expires(@Nullable String text) {
        if (text == null) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Math.clamp(Long.parseLong(text), 0L, 604_800L));
        } catch (NumberFormatException _) {
            throw incomplete("X-Amz-Expires must be a number of seconds.");
        }
    }

    private static Credential credential(String text) {
        return Credential.parse(text)
                .orElseThrow(() ->
                        incomplete(
                                "Credential must have exactly 5 slash-delimited elements,"
                                        + " e.g. keyid/date/region/service/term, got '"
                                        + text
                                        + "'"));
    }

    private static String algorithmOf(String authorization) {
        int space = authorization.indexOf(' ');
        return space < 0 ? authorization : authorization.substring(0, space);
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            throw incomplete("The query string is not well encoded.");
        }
    }

    private static Optional<String> first(SignedRequest request, String header) {
        return request.headers().values(header).stream().findFirst();
    }

    private static AwsException incomplete(String message) {
        return new AwsException(ErrorCode.INCOMPLETE_SIGNATURE, message);
    }
}
