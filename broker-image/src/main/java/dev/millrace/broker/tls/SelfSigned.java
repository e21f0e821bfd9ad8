/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.tls;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/** Makes identities that nobody vouches for: for a laptop and for tests. */
public final class SelfSigned {

    private static final Duration VALID_FOR = Duration.ofDays(365);
    private static final DateTimeFormatter UTC_TIME =
            DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

    private static final byte[] ECDSA_WITH_SHA256 = Der.sequence(Der.oid("2a8648ce3d040302"));
    private static final byte[] COMMON_NAME = Der.oid("550403");
    private static final byte[] SUBJECT_ALTERNATIVE_NAME = Der.oid("551d11");
    private static final byte[] BASIC_CONSTRAINTS = Der.oid("551d13");

    private SelfSigned() {}

    /**
     * A new key, and a certificate of it for some hosts. It may stand in a list of trusted
     * authorities.
     *
     * @param hosts names or IP addresses
     */
    public static TlsIdentity of(List<String> hosts, Instant now, SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            KeyPair pair = generator.generateKeyPair();
            byte[] content = content(pair, hosts, now, new BigInteger(120, random));
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(pair.getPrivate(), random);
            signature.update(content);
            byte[] certificate =
                    Der.sequence(content, ECDSA_WITH_SHA256, Der.bits(signature.sign()));
            return new TlsIdentity(
                    pair.getPrivate(),
                    List.of(
                            (X509Certificate)
                                    CertificateFactory.getInstance("X.509")
                                            .generateCertificate(
                                                    new ByteArrayInputStream(certificate))));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has P-256", e);
        }
    }

    private static byte[] content(
            KeyPair pair, List<String> hosts, Instant now, BigInteger serialNumber) {
        byte[] name =
                Der.sequence(Der.set(Der.sequence(COMMON_NAME, Der.utf8("Millrace, self-signed"))));
        byte[] validity =
                Der.sequence(
                        Der.utcTime(UTC_TIME.format(now.minus(Duration.ofHours(1)))),
                        Der.utcTime(UTC_TIME.format(now.plus(VALID_FOR))));
        byte[] names =
                Der.sequence(hosts.stream().map(SelfSigned::generalName).toArray(byte[][]::new));
        byte[] extensions =
                Der.sequence(
                        Der.sequence(
                                BASIC_CONSTRAINTS, Der.yes(), Der.octets(Der.sequence(Der.yes()))),
                        Der.sequence(SUBJECT_ALTERNATIVE_NAME, Der.octets(names)));
        return Der.sequence(
                Der.tagged(0xA0, Der.integer((byte) 2)),
                Der.integer(serialNumber.toByteArray()),
                ECDSA_WITH_SHA256,
                name,
                validity,
                name,
                pair.getPublic().getEncoded(),
                Der.tagged(0xA3, extensions));
    }

    private static byte[] generalName(String host) {
        boolean address = host.contains(":") || host.matches("[0-9.]+");
        if (!address) {
            return Der.tagged(0x82, host.getBytes(StandardCharsets.US_ASCII));
        }
        try {
            return Der.tagged(0x87, InetAddress.getByName(host).getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("'" + host + "' is not an IP address", e);
        }
    }
}
