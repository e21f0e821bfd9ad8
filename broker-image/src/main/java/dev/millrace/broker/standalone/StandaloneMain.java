/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.standalone;

import dev.millrace.broker.access.AccessKey;
import dev.millrace.broker.stream.Account;
import dev.millrace.shard.encryption.KeyName;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of the standalone mode. */
@Command(
        name = "standalone",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        versionProvider = StandaloneMain.Version.class,
        description = {
            "Amazon Kinesis Data Streams in one process, on Apache Kafka.",
            "",
            "Streams and records live in the data directory and survive a restart, also after"
                    + " kill -9. When it is ready it prints its endpoint and the lines to paste into"
                    + " a shell, so that any AWS SDK or the AWS CLI uses it.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  standalone --data ./kinesis",
            "  standalone --memory --port 4567",
            "  standalone --data ./kinesis --access-key test:secret",
            "",
            "Then: aws kinesis create-stream --stream-name orders --shard-count 2",
            ""
        })
public final class StandaloneMain implements Callable<Integer> {

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = StandaloneMain.class.getPackage().getImplementationVersion();
            return new String[] {"Millrace " + (version == null ? "(development)" : version)};
        }
    }

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "4567",
            description = "Where the Kinesis API listens; 0 takes a free port (default: 4567).")
    private int port = 4567;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Where streams and records are kept; made where it is missing.")
    private @Nullable Path data;

    @Option(
            names = "--memory",
            description =
                    "Keep everything in memory-backed or temporary files and forget it at the end,"
                            + " instead of --data.")
    private boolean memory;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description =
                    "The address to listen on (default: 127.0.0.1, this machine only). Use 0.0.0.0"
                            + " with --access-key.")
    private String host = "127.0.0.1";

    @Option(
            names = "--access-key",
            paramLabel = "ID:SECRET",
            converter = AccessKeyOption.class,
            description =
                    "An access key that requests must be signed with; give it several times for"
                            + " several. Without any, every request is taken.")
    private List<AccessKey> accessKeys = new ArrayList<>();

    @Option(
            names = "--region",
            paramLabel = "REGION",
            defaultValue = Account.DEFAULT_REGION,
            description = "The region in ARNs (default: us-east-1).")
    private String region = Account.DEFAULT_REGION;

    @Option(
            names = "--kafka-port",
            paramLabel = "PORT",
            defaultValue = "0",
            description =
                    "Where plain Kafka clients can read the same streams as topics; 0 takes a free"
                            + " port (default: 0).")
    private int kafkaPort;

    @ArgGroup(exclusive = false)
    private @Nullable TlsOptions tls;

    @Option(
            names = "--encryption-key",
            paramLabel = "NAME:BASE64",
            converter = EncryptionKeyOption.class,
            description =
                    "A key of 32 bytes that StartStreamEncryption may name; give it several times for"
                            + " several.")
    private List<EncryptionKeyOption.Given> encryptionKeys = new ArrayList<>();

    /** Runs until the process is told to stop; gives its exit code. */
    public static int run(String[] args) {
        return new CommandLine(new StandaloneMain())
                .setUsageHelpWidth(100)
                .setExecutionExceptionHandler((e, commandLine, _) -> {
                    commandLine.getErr().println("standalone: " + e.getMessage());
                    return 1;
                })
                .execute(args);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (memory == (data != null)) {
            throw new ParameterException(
                    spec().commandLine(), "Give either --data DIR or --memory.");
        }
        Path directory = data != null ? data.toAbsolutePath() : temporaryDirectory();
        CountDownLatch stopped = new CountDownLatch(1);
        Standalone standalone =
                new Standalone(
                        new Standalone.Settings(
                                directory,
                                memory,
                                host,
                                port,
                                kafkaPort,
                                new Account(region, Account.DEFAULT_ID),
                                accessKeys,
                                tls == null
                                        ? Optional.empty()
                                        : Optional.of(tls.read(host, spec().commandLine())),
                                this::encryptionKey));
        Runtime.getRuntime()
                .addShutdownHook(
                        Thread.ofPlatform()
                                .unstarted(() -> {
                                    standalone.close();
                                    stopped.countDown();
                                }));
        standalone.start();
        announce(standalone);
        stopped.await();
        return 0;
    }

    private Optional<SecretKey> encryptionKey(KeyName name) {
        return encryptionKeys.stream()
                .filter(given -> given.name().equals(name))
                .map(EncryptionKeyOption.Given::key)
                .findFirst();
    }

    private void announce(Standalone standalone) {
        Optional<AccessKey> key = accessKeys.stream().findFirst();
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        out.printf(
                "Millrace is ready: Kinesis at %s, Kafka at %s%n"
                        + "export AWS_ENDPOINT_URL_KINESIS=%s AWS_ENDPOINT_URL_FIREHOSE=%s%n"
                        + "export AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s AWS_REGION=%s"
                        + " AWS_DEFAULT_REGION=%s%n",
                standalone.endpoint(),
                standalone.bootstrapServers(),
                standalone.endpoint(),
                standalone.endpoint(),
                key.map(AccessKey::id).orElse("any"),
                key.map(AccessKey::secret).orElse("any"),
                region,
                region);
        standalone.tlsEndpoint().ifPresent(endpoint -> out.printf("With TLS: %s%n", endpoint));
    }

    /** Memory where the machine has a file system of it. */
    private static Path temporaryDirectory() throws IOException {
        Path shared = Path.of("/dev/shm");
        return Files.isDirectory(shared) && Files.isWritable(shared)
                ? Files.createTempDirectory(shared, "millrace-")
                : Files.createTempDirectory("millrace-");
    }

    private CommandSpec spec() {
        if (spec == null) {
            throw new IllegalStateException("picocli sets it");
        }
        return spec;
    }
}
