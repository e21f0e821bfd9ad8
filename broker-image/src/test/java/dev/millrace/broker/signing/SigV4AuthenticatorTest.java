/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.broker.access.AccessKey;
import dev.millrace.broker.access.Caller;
import dev.millrace.broker.access.FixedAccessKeys;
import dev.millrace.broker.access.Role;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.SignedRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The vectors are those of AWS's published Signature Version 4 test suite. */
class SigV4AuthenticatorTest {

    private static final Instant SIGNED_AT = Instant.parse("2015-08-30T12:36:00Z");
    private static final String EMPTY_SIGNATURE =
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";

    @Test
    void acceptsGetVanilla() {
        assertThat(authenticate(SIGNED_AT, vector("GET", "", "host;x-amz-date", EMPTY_SIGNATURE)))
                .isEqualTo(Caller.unlimited("AKIDEXAMPLE"));
    }

    @Test
    void acceptsPostVanilla() {
        accepts(
                vector(
                        "POST",
                        "",
                        "host;x-amz-date",
                        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"));
    }

    @Test
    void acceptsQueryOrderKeyCase() {
        accepts(
                vector(
                        "GET",
                        "Param2=value2&Param1=value1",
                        "host;x-amz-date",
                        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"));
    }

    @Test
    void acceptsPostFormBody() {
        SignedRequest vector =
                vector(
                        "POST",
                        "",
                        "content-type;host;x-amz-date",
                        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
        accepts(
                with(
                        vector,
                        "Param1=value1",
                        Map.of("content-type", List.of("application/x-www-form-urlencoded"))));
    }

    @Test
    void acceptsHeaderValueTrim() {
        SignedRequest vector =
                vector(
                        "GET",
                        "",
                        "host;my-header1;my-header2;x-amz-date",
                        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
        accepts(
                with(
                        vector,
                        "",
                        Map.of(
                                "my-header1", List.of(" value1"),
                                "my-header2", List.of(" \"a   b   c\""))));
    }

    @Test
    void refusesAWrongSignature() {
        refuses(
                SIGNED_AT,
                vector("GET", "", "host;x-amz-date", EMPTY_SIGNATURE.replace('5', '6')),
                ErrorCode.INVALID_SIGNATURE,
                "The request signature we calculated does not match the signature you provided.");
    }

    @Test
    void refusesABodyThatWasNotSigned() {
        refuses(
                SIGNED_AT,
                with(vector("GET", "", "host;x-amz-date", EMPTY_SIGNATURE), "other", Map.of()),
                ErrorCode.INVALID_SIGNATURE,
                "The request signature we calculated does not match");
    }

    @Test
    void refusesATargetThatWasNotSigned() {
        refuses(
                SIGNED_AT,
                with(
                        vector("GET", "", "host;x-amz-date", EMPTY_SIGNATURE),
                        "",
                        Map.of("x-amz-target", List.of("Kinesis_20131202.DeleteStream"))),
                ErrorCode.INVALID_SIGNATURE,
                "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.");
    }

    @Test
    void refusesAnUnknownKey() {
        SigV4Authenticator empty =
                new SigV4Authenticator(
                        new FixedAccessKeys(List.of()),
                        Set.of("service"),
                        InstantSource.fixed(SIGNED_AT));

        assertThatThrownBy(() ->
                        empty.authenticate(vector("GET", "", "host;x-amz-date", EMPTY_SIGNATURE)))
                .isInstanceOfSatisfying(
                        AwsException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.UNRECOGNIZED_CLIENT))
                .hasMessage("The security token included in the request is invalid.");
    }

    @Test
    void allowsFifteenMinutesOfSkewAndNoMore() {
        SignedRequest vector = vector("GET", "", "host;x-amz-date", EMPTY_SIGNATURE);
        Duration quarter = Duration.ofMinutes(15);

        assertThat(authenticate(SIGNED_AT.plus(quarter), vector)).isNotNull();
        assertThat(authenticate(SIGNED_AT.minus(quarter), vector)).isNotNull();
        refuses(
                SIGNED_AT.plus(quarter).plusSeconds(1),
                vector,
                ErrorCode.INVALID_SIGNATURE,
                "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z"
                        + " (20150830T125101Z - 15 min.)");
        refuses(
                SIGNED_AT.minus(quarter).minusSeconds(1),
                vector,
                ErrorCode.INVALID_SIGNATURE,
                "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z"
                        + " (20150830T122059Z + 15 min.)");
    }

    @Test
    void refusesNoAndHalfAnAuthorization() {
        refuses(
                SIGNED_AT,
                request("GET", "", Map.of("host", List.of("h"))),
                ErrorCode.MISSING_AUTHENTICATION_TOKEN,
                "Missing Authentication Token");
        refuses(
                SIGNED_AT,
                request(
                        "GET",
                        "",
                        Map.of("authorization", List.of("AWS4-HMAC-SHA256 Signature=1"))),
                ErrorCode.INCOMPLETE_SIGNATURE,
                "Authorization header requires 'Credential' parameter. Authorization header"
                        + " requires 'SignedHeaders' parameter. Authorization header requires existence"
                        + " of either a 'X-Amz-Date' or a 'Date' header.");
    }

    private static void accepts(SignedRequest request) {
        assertThat(authenticate(SIGNED_AT, request).accessKeyId()).isEqualTo("AKIDEXAMPLE");
    }

    private static void refuses(Instant now, SignedRequest request, ErrorCode code, String start) {
        assertThatThrownBy(() -> authenticate(now, request))
                .isInstanceOfSatisfying(
                        AwsException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageStartingWith(start);
    }

    private static Caller authenticate(Instant now, SignedRequest request) {
        AccessKey key =
                new AccessKey(
                        "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", Role.CLIENT);
        return new SigV4Authenticator(
                        new FixedAccessKeys(List.of(key)),
                        Set.of("service"),
                        InstantSource.fixed(now))
                .authenticate(request);
    }

    private static SignedRequest vector(
            String method, String query, String signedHeaders, String signature) {
        return request(
                method,
                query,
                Map.of(
                        "host",
                        List.of("example.amazonaws.com"),
                        "x-amz-date",
                        List.of("20150830T123600Z"),
                        "authorization",
                        List.of(
                                "AWS4-HMAC-SHA256"
                                        + " Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request,"
                                        + " SignedHeaders="
                                        + signedHeaders
                                        + ", Signature="
                                        + signature)));
    }

    private static SignedRequest request(
            String method, String query, Map<String, List<String>> headers) {
        return new SignedRequest(method, "/", query, lookup(headers), new byte[0], 0);
    }

    private static SignedRequest with(
            SignedRequest request, String body, Map<String, List<String>> more) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return new SignedRequest(
                request.method(),
                request.path(),
                request.query(),
                name ->
                        more.containsKey(name.toLowerCase(Locale.ROOT))
                                ? more.getOrDefault(name.toLowerCase(Locale.ROOT), List.of())
                                : request.headers().values(name),
                bytes,
                bytes.length);
    }

    static SignedRequest.Headers lookup(Map<String, List<String>> headers) {
        Map<String, List<String>> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        byName.putAll(headers);
        return name -> byName.getOrDefault(name, List.of());
    }
}
