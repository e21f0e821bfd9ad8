/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.broker.access.AccessKey;
import dev.millrace.broker.access.FixedAccessKeys;
import dev.millrace.broker.signing.SigV4Authenticator;
import dev.millrace.broker.stream.Account;
import dev.millrace.broker.volume.VolumeMetrics;
import dev.millrace.broker.wire.ApiServer;
import dev.millrace.shard.encryption.EncryptionKeys;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The chart's alerts and dashboards ask for no metric of the gateway that is not there, and for no
 * metric at all that no test looks after. Those of streams are {@code MetricsPageTest}'s, those of
 * deliveries {@code DeliveryMetricsTest}'s, those of applications {@code ApplicationMetricsTest}'s.
 */
class GatewayMetricsTest {

    private static final Path CHART = Path.of("../charts/millrace");
    private static final Pattern OURS =
            Pattern.compile("\\b(?:millrace|kinesis|jvm|kube|process)_[a-z0-9_]+");
    private static final Pattern OF_OTHERS =
            Pattern.compile(
                    "kinesis_.+|millrace_(?:delivery|data_read|failed_delivery|expired|backup|kinesis|execute_processing|succeed|failed_conversion|partition|jq|analytics)_.*|kube_deployment_status_replicas_available");

    @Test
    void alertsAndDashboardsAskForWhatThereIs() throws IOException {
        Set<String> asked = new TreeSet<>();
        try (Stream<Path> files =
                Stream.concat(
                        Files.list(CHART.resolve("files/dashboards")),
                        Stream.of(CHART.resolve("templates/prometheusrule.yaml")))) {
            for (Path file : files.toList()) {
                Matcher matcher = OURS.matcher(Files.readString(file));
                while (matcher.find()) {
                    asked.add(matcher.group());
                }
            }
        }
        asked.removeIf(name -> OF_OTHERS.matcher(name).matches());
        assertThat(asked)
                .contains(VolumeMetrics.FREE, "millrace_requests_seconds_count")
                .isSubsetOf(there());
    }

    private static Set<String> there() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new MeteredRequests(registry).record("Kinesis_20131202.PutRecord", "ok", 1);
        InstantSource clock = InstantSource.system();
        Gateway gateway =
                new Gateway(
                        ApiServer.Settings.of("127.0.0.1", 0),
                        new InMemoryBackend(clock).backend(),
                        new Gateway.Surroundings(
                                new Account("us-east-1", "000000000000"),
                                new SigV4Authenticator(
                                        new FixedAccessKeys(List.<AccessKey>of()),
                                        Set.of("kinesis"),
                                        clock),
                                clock,
                                new Random(1),
                                registry,
                                1 << 20,
                                EncryptionKeys.NONE,
                                true));
        gateway.start();
        try {
            Set<String> there =
                    registry.scrape()
                            .lines()
                            .filter(line -> !line.startsWith("#"))
                            .map(line -> line.split("[{ ]", 2)[0])
                            .collect(Collectors.toCollection(TreeSet::new));
            there.add(VolumeMetrics.CAPACITY);
            there.add(VolumeMetrics.FREE);
            return there;
        } finally {
            gateway.close();
        }
    }
}
