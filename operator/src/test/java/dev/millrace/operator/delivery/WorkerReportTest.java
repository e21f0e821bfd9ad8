/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkerReportTest {

    private static final String WELL =
            """
            {"name": "lake", "source": {"openShards": 4, "assigned": 2, "lagRecords": 10, "millisBehindLatest": 500},
             "delivery": {"freshnessSeconds": 3.2, "deliveredRecords": 100, "failedRecords": 1, "expiredRecords": 0,
               "lastSuccessTime": "2026-11-01T10:00:00.5Z",
               "lastError": {"code": "S3.NoSuchBucket", "message": "no lake", "time": "2026-11-01T09:00:00Z"}},
             "conditions": [{"type": "SourceReady", "status": "True", "reason": "Reading", "message": ""}]}
            """;
    private static final String ILL =
            """
            {"source": {"openShards": 4, "assigned": 2, "lagRecords": 5, "millisBehindLatest": 900},
             "delivery": {"freshnessSeconds": 70, "deliveredRecords": 11, "failedRecords": 0, "expiredRecords": 2,
               "lastError": {"code": "S3.AccessDenied", "message": "no key", "time": "2026-11-01T11:00:00Z"}},
             "conditions": [{"type": "DestinationReachable", "status": "False", "reason": "S3.AccessDenied", "message": "no key"}]}
            """;

    @Test
    void severalWorkersAreReadAsOne() throws Exception {
        try (HttpWorkerReports reports = new HttpWorkerReports(serve("127.0.0.2", WELL, 0))) {
            assertThat(reports.of(List.of(pod("127.0.0.2")))).hasSize(1);
        }
        int port = serve("127.0.0.3", WELL, 0);
        serve("127.0.0.4", ILL, port);
        try (HttpWorkerReports reports = new HttpWorkerReports(port)) {
            // Nobody listens on the last one, and one has no address yet.
            List<WorkerReport> said =
                    reports.of(
                            List.of(
                                    pod("127.0.0.3"),
                                    pod("127.0.0.4"),
                                    pod("127.0.0.5"),
                                    new PodBuilder().withNewStatus().endStatus().build()));

            assertThat(said).hasSize(2);
            WorkerReport all = WorkerReport.together(said).orElseThrow();
            assertThat(all.openShards()).isEqualTo(4);
            assertThat(all.assignedShards()).isEqualTo(4);
            assertThat(all.lagRecords()).isEqualTo(15);
            assertThat(all.millisBehindLatest()).isEqualTo(900);
            assertThat(DeliveryStatuses.freshness(all)).isEqualTo("1m");
            assertThat(all.deliveredRecords()).isEqualTo(111);
            assertThat(all.expiredRecords()).isEqualTo(2);
            assertThat(all.lastSuccess()).contains(Instant.parse("2026-11-01T10:00:00.5Z"));
            assertThat(all.lastError().orElseThrow().code()).isEqualTo("S3.AccessDenied");
            assertThat(all.destinationProblem()).contains("S3.AccessDenied: no key");
            assertThat(all.sourceProblem()).isEmpty();
        }
    }

    private static Pod pod(String address) {
        return new PodBuilder().withNewStatus().withPodIP(address).endStatus().build();
    }

    private static int serve(String address, String json, int port) throws Exception {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getByName(address), port), 0);
        server.createContext(
                "/status",
                exchange -> {
                    byte[] body = json.getBytes(UTF_8);
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        server.start();
        return server.getAddress().getPort();
    }
}
