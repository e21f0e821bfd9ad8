/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import dev.millrace.broker.access.AccessKey;
import dev.millrace.broker.access.Role;
import dev.millrace.broker.standalone.Standalone;
import dev.millrace.broker.stream.Account;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.firehose.FirehoseClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/** The same over real Kafka and the real shard map. */
@TestInstance(Lifecycle.PER_CLASS)
class KafkaFirehoseApiIT extends FirehoseApiContract {

    private Standalone standalone;
    private FirehoseClient firehose;
    private KinesisClient kinesis;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        standalone =
                new Standalone(
                        new Standalone.Settings(
                                directory,
                                false,
                                "127.0.0.1",
                                0,
                                0,
                                new Account("us-east-1", "000000000000"),
                                List.of(
                                        new AccessKey(
                                                KinesisApiContract.ACCESS_KEY,
                                                KinesisApiContract.SECRET,
                                                Role.CLIENT)),
                                Optional.empty(),
                                name ->
                                        name.value().equals(KinesisApiContract.ENCRYPTION_KEY)
                                                ? Optional.of(
                                                        new SecretKeySpec(new byte[32], "AES"))
                                                : Optional.empty()));
        standalone.start();
        int port = URI.create(standalone.endpoint()).getPort();
        firehose = firehose(port);
        kinesis = KinesisApiContract.client(port);
    }

    @AfterAll
    void stop() {
        firehose.close();
        kinesis.close();
        standalone.close();
    }

    @Override
    FirehoseClient firehose() {
        return firehose;
    }

    @Override
    KinesisClient kinesis() {
        return kinesis;
    }
}
