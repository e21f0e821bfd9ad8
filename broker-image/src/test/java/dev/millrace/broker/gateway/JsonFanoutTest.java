/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

@TestInstance(Lifecycle.PER_CLASS)
class JsonFanoutTest extends FanoutContract {

    private static final String CBOR_SWITCH = "aws.cborEnabled";

    private final InMemoryGateway gateway = new InMemoryGateway();

    @BeforeAll
    void switchEncoding() {
        System.setProperty(CBOR_SWITCH, "false");
    }

    @AfterAll
    void close() {
        System.clearProperty(CBOR_SWITCH);
        gateway.close();
    }

    @Override
    void refused(String stream) {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        registry.getPrometheusRegistry().register(gateway.streamMetrics());
        // The SDK tries again, too.
        assertThat(registry.scrape())
                .containsPattern(
                        "kinesis_subscribetoshard_rate_exceeded_total\\{stream_name=\""
                                + stream
                                + "\"} [1-9]");
    }

    @Override
    int port() {
        return gateway.port();
    }
}
