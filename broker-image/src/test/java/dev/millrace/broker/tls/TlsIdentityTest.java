/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsIdentityTest {

    private final TlsIdentity one = made("one.example");
    private final TlsIdentity other = made("other.example");

    @Test
    void aSelfSignedCertificateIsForItsHosts() throws Exception {
        TlsIdentity identity = made("localhost", "127.0.0.1");

        var certificate = identity.chain().getFirst();
        certificate.verify(certificate.getPublicKey());
        assertThat(certificate.getSubjectAlternativeNames())
                .extracting(name -> String.valueOf(name.get(1)))
                .containsExactly("localhost", "127.0.0.1");
        assertThat(certificate.getBasicConstraints()).isGreaterThanOrEqualTo(0);
    }

    @Test
    void readsKeysAsPkcs8AndAsSec1() {
        byte[] pkcs8 = one.key().getEncoded();
        // The last element of PKCS#8 is an octet string that holds the older form.
        byte[] sec1 = Arrays.copyOfRange(pkcs8, 28, pkcs8.length);
        assertThat(sec1[0]).isEqualTo((byte) 0x30);

        assertThat(TlsIdentity.parse(one.certificatesPem(), pem("PRIVATE KEY", pkcs8)))
                .isEqualTo(one);
        assertThat(TlsIdentity.parse(one.certificatesPem(), pem("EC PRIVATE KEY", sec1)).chain())
                .isEqualTo(one.chain());
    }

    @Test
    void refusesWhatDoesNotBelongTogetherOrIsNotThere() {
        assertThatThrownBy(() ->
                        TlsIdentity.parse(
                                one.certificatesPem(),
                                pem("PRIVATE KEY", other.key().getEncoded())))
                .hasMessageContaining("not that of the certificate");
        assertThatThrownBy(() -> TlsIdentity.parse(one.certificatesPem(), "nonsense"))
                .hasMessageContaining("no private key");
        assertThatThrownBy(() -> TlsIdentity.parse("", "nonsense"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aDirectoryIsFollowedAndKeepsWhatWorks(@TempDir Path directory) throws IOException {
        List<TlsIdentity> seen = new ArrayList<>();
        try (TlsDirectory tls = new TlsDirectory(directory, Duration.ofHours(1), seen::add)) {
            tls.refresh();
            assertThat(seen).isEmpty();

            write(directory, one);
            tls.refresh();
            tls.refresh();
            assertThat(seen).containsExactly(one);

            Files.writeString(directory.resolve("tls.key"), "half written");
            tls.refresh();
            assertThat(seen).containsExactly(one);

            write(directory, other);
            tls.refresh();
            assertThat(seen).containsExactly(one, other);
        }
    }

    private static void write(Path directory, TlsIdentity identity) throws IOException {
        Files.writeString(directory.resolve("tls.crt"), identity.certificatesPem());
        Files.writeString(
                directory.resolve("tls.key"), pem("PRIVATE KEY", identity.key().getEncoded()));
    }

    private static TlsIdentity made(String... hosts) {
        return SelfSigned.of(List.of(hosts), Instant.now(), new SecureRandom());
    }

    private static String pem(String label, byte[] content) {
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(label, Base64.getMimeEncoder().encodeToString(content), label);
    }
}
