/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;

/**
 * After which name a list goes on, as clients carry it: signed, for one list only, and valid for
 * five minutes.
 */
public final class NextName {

    private static final Duration VALID_FOR = Duration.ofSeconds(300);
    private static final String SEPARATOR = "/";
    private static final int PARTS = 3;

    private NextName() {}

    /**
     * @param list what is listed, with no slash in it: a token of another list is refused
     * @param last the name that was shown last
     */
    public static String encode(String list, String last, Instant now, byte[] key) {
        String text = String.join(SEPARATOR, list, Long.toString(now.toEpochMilli()), last);
        return SignedToken.encode(text.getBytes(StandardCharsets.US_ASCII), key);
    }

    /**
     * The name that was shown last.
     *
     * @throws AwsException if the token was not given out for this list, or is too old
     */
    public static String decode(String list, String token, Instant now, byte[] key) {
        String[] parts =
                SignedToken.decode(token, key)
                        .map(payload -> new String(payload, StandardCharsets.US_ASCII))
                        .map(payload -> payload.split(SEPARATOR, -1))
                        .filter(split -> split.length == PARTS && split[0].equals(list))
                        .orElseThrow(() -> AwsException.invalidArgument("Invalid NextToken."));
        checkAge(Instant.ofEpochMilli(Long.parseLong(parts[1])), now);
        return parts[2];
    }

    /**
     * @throws AwsException if a token of a list was given out too long ago
     */
    public static void checkAge(Instant issuedAt, Instant now) {
        if (issuedAt.plus(VALID_FOR).isBefore(now)) {
            throw new AwsException(
                    ErrorCode.EXPIRED_NEXT_TOKEN,
                    "The NextToken is older than %d seconds.".formatted(VALID_FOR.toSeconds()));
        }
    }
}
