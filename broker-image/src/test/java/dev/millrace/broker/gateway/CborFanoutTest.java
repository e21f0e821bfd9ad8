/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

@TestInstance(Lifecycle.PER_CLASS)
class CborFanoutTest extends FanoutContract {

    private static final String CBOR_SWITCH = "aws.cborEnabled";

    private final InMemoryGateway gateway = new InMemoryGateway();

    @BeforeAll
    void switchEncoding() {
        System.setProperty(CBOR_SWITCH, "true");
    }

    @AfterAll
    void close() {
        System.clearProperty(CBOR_SWITCH);
        gateway.close();
    }

    @Override
    int port() {
        return gateway.port();
    }
}
