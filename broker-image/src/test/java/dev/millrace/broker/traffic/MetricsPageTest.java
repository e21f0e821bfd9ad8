/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.broker.queue.QueueMetric;
import dev.millrace.broker.queue.QueueMetrics;
import dev.millrace.shard.map.ShardLevelMetric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The tables of {@code docs/reference/metrics.md} are those of the code ({@code -Ddocs.update=true}
 * writes them), and the chart's dashboard and alerts use no metric that is not there.
 */
class MetricsPageTest {

    private static final Path PAGE = Path.of("../docs/reference/metrics.md");
    private static final Path CHART = Path.of("../charts/millrace");
    private static final Pattern NAME = Pattern.compile("\\bkinesis_[a-z_]+");

    @Test
    void theTablesAreThoseOfTheCode() throws IOException {
        String page = Files.readString(PAGE);
        String wanted = between(page, "<!-- streams -->", streams());
        wanted = between(wanted, "<!-- shards -->", shards());
        wanted = between(wanted, "<!-- queues -->", queues());
        if (Boolean.getBoolean("docs.update")) {
            Files.writeString(PAGE, wanted);
            return;
        }
        assertThat(page).as("run the tests with -Ddocs.update=true").isEqualTo(wanted);
    }

    @Test
    void dashboardAndAlertsUseWhatIsThere() throws IOException {
        Set<String> there = new TreeSet<>();
        for (StreamMetric metric : StreamMetric.values()) {
            there.add(metric.prometheusName() + "_total");
        }
        for (TimedOperation operation : TimedOperation.values()) {
            there.add(operation.prometheusName() + "_sum");
            there.add(operation.prometheusName() + "_count");
        }
        there.add(StreamMetrics.ITERATOR_AGE);
        there.add(StreamMetrics.MILLIS_BEHIND);
        for (QueueMetric metric : QueueMetric.values()) {
            there.add(metric.prometheusName() + "_total");
        }
        there.add(QueueMetrics.IN_FLIGHT);
        there.add(QueueMetrics.RETURNED);
        there.add(QueueMetrics.DEAD_LETTERS);
        there.add(QueueMetrics.OLDEST);
        JsonNode dashboard =
                new JsonMapper().readTree(CHART.resolve("files/dashboards/streams.json").toFile());
        assertThat(dashboard.path("panels").size()).isPositive();

        assertThat(there)
                .containsAll(names(dashboard.toString()))
                .containsAll(
                        names(Files.readString(CHART.resolve("templates/prometheusrule.yaml"))));
    }

    private static Set<String> names(String text) {
        Set<String> names = new TreeSet<>();
        Matcher matcher = NAME.matcher(text);
        while (matcher.find()) {
            names.add(matcher.group());
        }
        assertThat(names).isNotEmpty();
        return names;
    }

    /** Replaces what stands between two marks of the same name. */
    private static String between(String page, String mark, String content) {
        int begin = page.indexOf(mark) + mark.length();
        int end = page.indexOf(mark, begin);
        assertThat(end).as("two marks " + mark).isPositive();
        return page.substring(0, begin) + "\n" + content + page.substring(end);
    }

    private static String streams() {
        StringBuilder table = new StringBuilder(row("CloudWatch", "Prometheus", ""));
        table.append(row("---", "---", "---"));
        for (StreamMetric metric : StreamMetric.values()) {
            table.append(
                    row(
                            metric.cloudWatchName(),
                            "`" + metric.prometheusName() + "_total`",
                            metric.help()));
        }
        for (TimedOperation operation : TimedOperation.values()) {
            table.append(
                    row(
                            operation.cloudWatchName(),
                            "`" + operation.prometheusName() + "_sum`, `_count`",
                            "Inside of the gateway"));
        }
        table.append(
                row(
                        "GetRecords.IteratorAgeMilliseconds",
                        "`" + StreamMetrics.ITERATOR_AGE + "`",
                        "The most in the last minute; 0 at the tip"));
        table.append(
                row(
                        "SubscribeToShardEvent.MillisBehindLatest",
                        "`" + StreamMetrics.MILLIS_BEHIND + "`",
                        "The most in the last minute; by `consumer_name`, too"));
        return table.toString();
    }

    private static String queues() {
        StringBuilder table = new StringBuilder(row("Operation", "Prometheus", ""));
        table.append(row("---", "---", "---"));
        for (QueueMetric metric : QueueMetric.values()) {
            table.append(
                    row(
                            metric.operationsName(),
                            "`" + metric.prometheusName() + "_total`",
                            metric.help()));
        }
        return table.toString();
    }

    private static String shards() {
        StringBuilder table = new StringBuilder(row("CloudWatch", "Prometheus", ""));
        table.append(row("---", "---", "---"));
        Stream.of(ShardLevelMetric.values())
                .forEach(metric ->
                        table.append(
                                row(
                                        metric.kinesisName(),
                                        "`"
                                                + StreamMetrics.shardMetricName(metric)
                                                + (metric
                                                                == ShardLevelMetric
                                                                        .ITERATOR_AGE_MILLISECONDS
                                                        ? "`"
                                                        : "_total`"),
                                        "")));
        return table.toString();
    }

    private static String row(String... cells) {
        return "| " + String.join(" | ", cells) + " |\n";
    }
}
