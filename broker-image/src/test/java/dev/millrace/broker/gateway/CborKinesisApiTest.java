/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import software.amazon.awssdk.services.kinesis.KinesisClient;

@TestInstance(Lifecycle.PER_CLASS)
class CborKinesisApiTest extends KinesisApiContract {

    private static final String CBOR_SWITCH = "aws.cborEnabled";

    private final InMemoryGateway gateway = new InMemoryGateway();
    private final KinesisClient client = client(gateway.port());

    @BeforeAll
    void switchEncoding() {
        System.setProperty(CBOR_SWITCH, "true");
    }

    @AfterAll
    void close() {
        System.clearProperty(CBOR_SWITCH);
        client.close();
        gateway.close();
    }

    @Override
    KinesisClient client() {
        return client;
    }

    @Override
    boolean advance(Duration time) {
        gateway.advance(time);
        return true;
    }
}
