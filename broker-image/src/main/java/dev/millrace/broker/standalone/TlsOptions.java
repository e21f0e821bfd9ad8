/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.standalone;

import dev.millrace.broker.tls.SelfSigned;
import dev.millrace.broker.tls.TlsIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options for a port with TLS. */
final class TlsOptions {

    @Option(
            names = "--tls-port",
            paramLabel = "PORT",
            defaultValue = "4568",
            description =
                    "Where the Kinesis API listens with TLS, HTTP/1.1 and HTTP/2; 0 takes a free"
                            + " port (default: 4568).")
    private int port = 4568;

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "The certificate for TLS, and those of authorities in between, as PEM.")
    private @Nullable Path certificate;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "The private key of --tls-cert as PEM, not encrypted.")
    private @Nullable Path key;

    @Option(
            names = "--tls-self-signed",
            paramLabel = "FILE",
            description =
                    "Make a key and a certificate for tests instead, for localhost and --host, and"
                            + " write the certificate to this file: clients have to trust it.")
    private @Nullable Path selfSigned;

    /**
     * @throws ParameterException if the options do not go together, or a file cannot be used
     */
    Standalone.Tls read(String host, CommandLine commandLine) {
        boolean given = certificate != null && key != null;
        if (given == (selfSigned != null) || (certificate == null) != (key == null)) {
            throw new ParameterException(
                    commandLine, "Give either --tls-cert and --tls-key, or --tls-self-signed.");
        }
        try {
            return new Standalone.Tls(port, identity(host));
        } catch (IOException | IllegalArgumentException e) {
            throw new ParameterException(commandLine, "Cannot use TLS: " + e.getMessage(), e);
        }
    }

    private TlsIdentity identity(String host) throws IOException {
        if (certificate != null && key != null) {
            return TlsIdentity.parse(Files.readString(certificate), Files.readString(key));
        }
        List<String> hosts = new ArrayList<>(List.of("localhost", "127.0.0.1"));
        if (!hosts.contains(host)) {
            hosts.add(host);
        }
        TlsIdentity made =
                SelfSigned.of(hosts, InstantSource.system().instant(), new SecureRandom());
        if (selfSigned != null) {
            Files.writeString(selfSigned, made.certificatesPem());
        }
        return made;
    }
}
