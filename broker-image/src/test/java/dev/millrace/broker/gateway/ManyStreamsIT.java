/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.broker.access.AccessKey;
import dev.millrace.broker.access.Role;
import dev.millrace.broker.kafka.KafkaNode;
import dev.millrace.broker.kafka.SharedKafka;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.StreamStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.ListStreamsResponse;

/**
 * Many streams and a stream of many shards are listed whole, each once and in order, page by page.
 * {@code bench/run scale} measures ten times as many.
 */
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(SharedKafka.class)
@Timeout(300)
class ManyStreamsIT {

    private static final AccessKey CLIENT = new AccessKey("AKIDMANY", "secret", Role.CLIENT);
    private static final AccessKey OPERATOR = new AccessKey("AKIDOPERATOR", "o", Role.OPERATOR);
    private static final int STREAMS = 100;
    private static final int SHARDS = 200;
    private static final String PREFIX = "many-";

    private KafkaGateway gateway;
    private KinesisClient client;

    @BeforeAll
    void make(KafkaNode kafka) throws Exception {
        gateway = new KafkaGateway(kafka.bootstrapServers(), "many", List.of(CLIENT, OPERATOR));
        client = gateway.client(CLIENT);
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (String name : names()) {
                threads.execute(() -> client.createStream(r -> r.streamName(name).shardCount(1)));
            }
        }
        client.createStream(r -> r.streamName("large").shardCount(SHARDS));
        Awaitility.await()
                .atMost(Duration.ofSeconds(200))
                .until(() -> isActive("large") && names().stream().allMatch(this::isActive));
    }

    @AfterAll
    void remove() {
        names().forEach(name -> client.deleteStream(r -> r.streamName(name)));
        client.deleteStream(r -> r.streamName("large"));
        client.close();
        gateway.close();
    }

    @Test
    void streamsAreListedPageByPage() {
        List<String> listed = new ArrayList<>();
        String token = null;
        do {
            String next = token;
            ListStreamsResponse page = client.listStreams(r -> r.limit(7).nextToken(next));
            assertThat(page.streamNames().size()).isBetween(1, 7);
            assertThat(page.hasMoreStreams()).isEqualTo(page.nextToken() != null);
            listed.addAll(page.streamNames());
            token = page.nextToken();
        } while (token != null);
        assertThat(listed)
                .isSorted()
                .doesNotHaveDuplicates()
                .contains("large")
                .containsAll(names());
    }

    @Test
    void shardsAreListedPageByPage() {
        List<String> listed = new ArrayList<>();
        ListShardsResponse page = client.listShards(r -> r.streamName("large").maxResults(33));
        while (page.nextToken() != null) {
            assertThat(page.shards()).hasSize(33);
            page.shards().forEach(shard -> listed.add(shard.shardId()));
            String token = page.nextToken();
            page = client.listShards(r -> r.nextToken(token).maxResults(33));
        }
        page.shards().forEach(shard -> listed.add(shard.shardId()));
        assertThat(listed)
                .containsExactlyElementsOf(
                        IntStream.range(0, SHARDS).mapToObj("shardId-%012d"::formatted).toList());
    }

    @Test
    void theOperatorSeesAllOfThem() throws Exception {
        SignedPost post = new SignedPost(gateway.port());
        List<String> listed = new ArrayList<>();
        String body = "{}";
        while (true) {
            JsonNode page = post.control(OPERATOR, "ListStreamStates", body).body();
            page.path("Streams").forEach(stream -> listed.add(stream.path("StreamName").asText()));
            if (page.path("NextToken").isMissingNode()) {
                break;
            }
            body = "{\"NextToken\":\"" + page.path("NextToken").asText() + "\"}";
        }
        assertThat(listed)
                .isSorted()
                .doesNotHaveDuplicates()
                .contains("large")
                .containsAll(names());
    }

    @Test
    void metricsSayHowManyThereAre() {
        assertThat(gateway.metrics().get("millrace.streams").gauge().value())
                .isGreaterThanOrEqualTo(STREAMS + 1);
        assertThat(gateway.metrics().get("millrace.shards").gauge().value())
                .isGreaterThanOrEqualTo(STREAMS + SHARDS);
    }

    private boolean isActive(String name) {
        return gateway.map().current().stream(new StreamName(name))
                .filter(stream -> stream.state().status() == StreamStatus.ACTIVE)
                .isPresent();
    }

    private static List<String> names() {
        return IntStream.range(0, STREAMS).mapToObj(i -> "%s%03d".formatted(PREFIX, i)).toList();
    }
}
