/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server proves itself with: its private key, and its certificate followed by those of
 * authorities in between.
 */
public record TlsIdentity(PrivateKey key, List<X509Certificate> chain) {

    private static final Pattern PEM_KEY =
            Pattern.compile(
                    "-----BEGIN (|RSA |EC )PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END \\1PRIVATE KEY-----");
    private static final char[] NO_PASSWORD = {};

    public TlsIdentity {
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("there is no certificate");
        }
        if (!belongTogether(key, chain.getFirst())) {
            throw new IllegalArgumentException("the private key is not that of the certificate");
        }
    }

    /**
     * Reads what a {@code kubernetes.io/tls} Secret holds: certificates, and a private key in the
     * forms that cert-manager and OpenSSL write (PKCS#8, PKCS#1, SEC 1), not encrypted.
     *
     * @throws IllegalArgumentException if that is not there, or does not belong together
     */
    public static TlsIdentity parse(String certificatesPem, String keyPem) {
        try {
            List<X509Certificate> chain =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(
                                    new ByteArrayInputStream(
                                            certificatesPem.getBytes(StandardCharsets.US_ASCII)))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (chain.isEmpty()) {
                throw new IllegalArgumentException("there is no certificate");
            }
            return new TlsIdentity(parseKey(keyPem, chain.getFirst()), chain);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "the key or certificate cannot be read: " + e.getMessage(), e);
        }
    }

    /** The identity as Java's TLS wants it. */
    public KeyStore keyStore() {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, NO_PASSWORD);
            store.setKeyEntry("server", key, NO_PASSWORD, chain.toArray(new Certificate[0]));
            return store;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("Every Java platform has PKCS12", e);
        }
    }

    /** The certificates as PEM, for who has to trust them. */
    public String certificatesPem() {
        StringBuilder pem = new StringBuilder();
        try {
            for (X509Certificate certificate : chain) {
                pem.append("-----BEGIN CERTIFICATE-----\n")
                        .append(
                                Base64.getMimeEncoder(64, new byte[] {'\n'})
                                        .encodeToString(certificate.getEncoded()))
                        .append("\n-----END CERTIFICATE-----\n");
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A certificate that was read can be written", e);
        }
        return pem.toString();
    }

    private static PrivateKey parseKey(String pem, X509Certificate certificate)
            throws GeneralSecurityException {
        Matcher matcher = PEM_KEY.matcher(pem);
        if (!matcher.find()) {
            throw new IllegalArgumentException("there is no private key that is not encrypted");
        }
        byte[] content = Base64.getMimeDecoder().decode(matcher.group(2));
        byte[] pkcs8 =
                matcher.group(1).isEmpty()
                        ? content
                        : Der.sequence(
                                Der.integer((byte) 0),
                                algorithmOf(certificate),
                                Der.octets(content));
        return KeyFactory.getInstance(certificate.getPublicKey().getAlgorithm())
                .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    }

    /**
     * The older forms of a key do not say of which algorithm and curve it is. The certificate's
     * public key does: it begins with just that, inside one outer sequence.
     */
    private static byte[] algorithmOf(X509Certificate certificate) {
        byte[] info = certificate.getPublicKey().getEncoded();
        int start = 2 + ((info[1] & 0x80) == 0 ? 0 : info[1] & 0x7F);
        // An algorithm with its parameters is far shorter than 128 bytes.
        return Arrays.copyOfRange(info, start, start + 2 + info[start + 1]);
    }

    private static boolean belongTogether(PrivateKey key, X509Certificate certificate) {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> key.getAlgorithm();
                };
        byte[] probe = {1, 2, 3};
        try {
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(probe);
            byte[] signature = signing.sign();
            Signature verifying = Signature.getInstance(algorithm);
            verifying.initVerify(certificate.getPublicKey());
            verifying.update(probe);
            return verifying.verify(signature);
        } catch (GeneralSecurityException _) {
            return false;
        }
    }
}
