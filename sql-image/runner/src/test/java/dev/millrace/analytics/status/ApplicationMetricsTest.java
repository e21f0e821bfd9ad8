/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The chart's alerts ask for no metric of an application that is not there. */
class ApplicationMetricsTest {

    private static final Path ALERTS =
            Path.of("..", "..", "charts", "millrace", "templates", "prometheusrule.yaml");
    private static final Pattern ASKED = Pattern.compile("millrace_analytics_[a-z_]+");

    @Test
    void alertsAskForMetricsThatThereAre() throws IOException {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new ApplicationMetrics(new ApplicationStatus("1"), "revenue").bindTo(registry);
        Set<String> there = new TreeSet<>();
        registry.scrape()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> there.add(line.substring(0, line.indexOf('{'))));
        Set<String> asked = new TreeSet<>();
        Matcher matcher = ASKED.matcher(Files.readString(ALERTS));
        while (matcher.find()) {
            asked.add(matcher.group());
        }
        assertThat(asked).hasSizeGreaterThan(2).isSubsetOf(there);
    }
}
