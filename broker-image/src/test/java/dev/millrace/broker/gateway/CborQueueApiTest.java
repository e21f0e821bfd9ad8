/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Queues in the encoding that the AWS SDK for Java speaks. */
@TestInstance(Lifecycle.PER_CLASS)
class CborQueueApiTest extends QueueContract {

    private final InMemoryGateway gateway = new InMemoryGateway();

    @AfterAll
    void close() {
        gateway.close();
    }

    @Override
    SignedPost gateway() {
        return new SignedPost(gateway.port(), SignedPost.Encoding.CBOR);
    }
}
