/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.broker.access.AccessKey;
import dev.millrace.broker.access.FixedAccessKeys;
import dev.millrace.broker.access.Role;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.SignedRequest;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** What the real SDK signs is accepted, and what is changed after that is not. */
class SigV4OracleTest {

    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
    private static final int REQUESTS = 300;

    private final AccessKey key = new AccessKey("AKIDORACLE", "a/secret+with=signs", Role.CLIENT);
    private final SigV4Authenticator authenticator =
            new SigV4Authenticator(new FixedAccessKeys(List.of(key)), Set.of("kinesis"), () -> NOW);

    @Test
    void acceptsWhatTheSdkSigns() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < REQUESTS; i++) {
            SignedRequest request = signed(random);
            assertThat(authenticator.authenticate(request).accessKeyId())
                    .as("seed %d, request %d: %s", seed, i, request)
                    .isEqualTo(key.id());
        }
    }

    @Test
    void refusesWhatIsChangedLater() {
        Random random = new Random(7);
        for (int i = 0; i < REQUESTS; i++) {
            SignedRequest request = signed(random);
            byte[] other = request.body().clone();
            if (other.length == 0) {
                other = new byte[] {1};
            } else {
                other[random.nextInt(other.length)]++;
            }
            SignedRequest changed =
                    new SignedRequest(
                            request.method(),
                            request.path(),
                            request.query(),
                            request.headers(),
                            other,
                            other.length);
            assertThatThrownBy(() -> authenticator.authenticate(changed))
                    .isInstanceOf(AwsException.class)
                    .hasMessageStartingWith("The request signature we calculated does not match");
        }
    }

    private SignedRequest signed(Random random) {
        byte[] body = new byte[random.nextInt(3_000)];
        random.nextBytes(body);
        SdkHttpRequest.Builder unsigned =
                SdkHttpRequest.builder()
                        .method(SdkHttpMethod.POST)
                        .uri(URI.create("http://localhost:4567/"))
                        .encodedPath("/")
                        .putHeader("X-Amz-Target", "Kinesis_20131202.PutRecord")
                        .putHeader("Content-Type", "application/x-amz-json-1.1");
        for (int i = random.nextInt(3); i > 0; i--) {
            unsigned.putHeader("x-extra-" + i, text(random) + "  " + text(random));
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            unsigned.putRawQueryParameter(text(random), text(random));
        }
        SdkHttpRequest signed = sign(unsigned.build(), body);
        return new SignedRequest(
                "POST",
                signed.encodedPath(),
                signed.encodedQueryParameters().orElse(""),
                SigV4AuthenticatorTest.lookup(signed.headers()),
                body,
                body.length);
    }

    private SdkHttpRequest sign(SdkHttpRequest request, byte[] body) {
        return AwsV4HttpSigner.create()
                .sign(r ->
                        r.identity(AwsCredentialsIdentity.create(key.id(), key.secret()))
                                .request(request)
                                .payload(ContentStreamProvider.fromByteArray(body))
                                .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "kinesis")
                                .putProperty(AwsV4HttpSigner.REGION_NAME, "eu-north-1")
                                .putProperty(
                                        AwsV4HttpSigner.SIGNING_CLOCK,
                                        Clock.fixed(NOW, ZoneOffset.UTC)))
                .request();
    }

    private static String text(Random random) {
        String alphabet = "abcXYZ019-_.~ /&=+%ü€'()*!";
        StringBuilder text = new StringBuilder("k");
        for (int i = random.nextInt(8); i > 0; i--) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.append('z').toString();
    }
}
