/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import software.amazon.awssdk.services.firehose.FirehoseClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;

@TestInstance(Lifecycle.PER_CLASS)
class FirehoseApiTest extends FirehoseApiContract {

    private final InMemoryGateway gateway = new InMemoryGateway();
    private final FirehoseClient firehose = firehose(gateway.port());
    private final KinesisClient kinesis = KinesisApiContract.client(gateway.port());

    @AfterAll
    void close() {
        firehose.close();
        kinesis.close();
        gateway.close();
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
