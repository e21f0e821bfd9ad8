/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import dev.millrace.broker.standalone.Standalone;
import dev.millrace.broker.stream.Account;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** The same over real Kafka: followers share what is read at the ends of shards. */
@TestInstance(Lifecycle.PER_CLASS)
class KafkaFanoutIT extends FanoutContract {

    private Standalone standalone;

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
                                List.of(InMemoryGateway.CLIENT)));
        standalone.start();
    }

    @AfterAll
    void stop() {
        standalone.close();
    }

    @Override
    int port() {
        return URI.create(standalone.endpoint()).getPort();
    }
}
