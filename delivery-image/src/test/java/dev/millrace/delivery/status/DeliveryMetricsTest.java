/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeliveryMetricsTest {

    private static final Path CHART = Path.of("..", "charts", "millrace");
    private static final Pattern USED =
            Pattern.compile(
                    "millrace_(?:delivery|data_read|failed_delivery|expired|backup|kinesis|execute_processing|succeed|failed_conversion|partition|jq)_[a-z0-9_.+]+");

    @ParameterizedTest
    @ValueSource(strings = {"files/dashboards/deliveries.json", "templates/prometheusrule.yaml"})
    void theChartAsksForMetricsThatThereAre(String file) throws IOException {
        Set<String> there = names();
        Matcher used = USED.matcher(Files.readString(CHART.resolve(file)));
        Set<String> asked = new TreeSet<>();
        while (used.find()) {
            asked.add(used.group().replace("delivery_to_.+_", "delivery_to_s3_"));
        }
        assertThat(asked).hasSizeGreaterThan(3);
        assertThat(there).containsAll(asked);
    }

    @Test
    void theSampleOfAnAutoscalerAsksForOneThatThereIs() throws IOException {
        String sample = Files.readString(Path.of("..", "samples", "delivery", "keda.yaml"));
        Matcher used = USED.matcher(sample);
        assertThat(used.find()).isTrue();
        assertThat(names()).contains(used.group());
        assertThat(sample).contains("delivery_stream=\"orders-to-lake\"");
    }

    @Test
    void theyHaveCloudWatchsNames() {
        assertThat(names())
                .contains(
                        "millrace_delivery_to_s3_records_total",
                        "millrace_delivery_to_s3_object_count_total",
                        "millrace_delivery_to_s3_data_freshness_seconds",
                        "millrace_backup_to_s3_bytes_total",
                        "millrace_execute_processing_duration_seconds_total",
                        "millrace_succeed_processing_records_total",
                        "millrace_succeed_conversion_bytes_total",
                        "millrace_failed_conversion_records_total",
                        "millrace_jq_processing_duration_seconds_total",
                        "millrace_partition_count",
                        "millrace_partition_count_exceeded_total",
                        "millrace_kinesis_millis_behind_latest");
    }

    private static Set<String> names() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        WorkerStatus status = new WorkerStatus("s", "u", InstantSource.fixed(Instant.EPOCH));
        new DeliveryMetrics(status, "s", "s3").bindTo(registry);
        Set<String> names = new TreeSet<>();
        registry.scrape()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> names.add(line.substring(0, line.indexOf('{'))));
        return names;
    }
}
