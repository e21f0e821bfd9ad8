/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.broker.access.FixedAccessKeys;
import dev.millrace.broker.kafka.KafkaNode;
import dev.millrace.broker.kafka.SharedKafka;
import dev.millrace.broker.queuekeeper.KafkaQueueKeepers;
import dev.millrace.broker.shardmap.KafkaShardMap;
import dev.millrace.broker.signing.SigV4Authenticator;
import dev.millrace.broker.stream.Account;
import dev.millrace.broker.wire.ApiServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** Over real Kafka, with two gateways: each call goes to the other one than the call before. */
@ExtendWith(SharedKafka.class)
@TestInstance(Lifecycle.PER_CLASS)
class KafkaQueueIT extends QueueContract {

    private final List<Running> gateways = new ArrayList<>();
    private final AtomicInteger next = new AtomicInteger();

    private record Running(KafkaBackend backend, Gateway gateway) {
        static Running start(String bootstrapServers, String name) throws InterruptedException {
            InstantSource clock = InstantSource.system();
            Random random = new Random();
            KafkaBackend backend =
                    new KafkaBackend(
                            new KafkaQueueKeepers.Settings(bootstrapServers, 1, name),
                            PoolShards.join(
                                    new KafkaShardMap.Settings(
                                            bootstrapServers, 1, "000000000000", name),
                                    clock,
                                    random),
                            8,
                            clock,
                            random);
            Gateway gateway =
                    new Gateway(
                            ApiServer.Settings.of("127.0.0.1", 0),
                            backend.backend(),
                            new Gateway.Surroundings(
                                    new Account("us-east-1", "000000000000"),
                                    new SigV4Authenticator(
                                            new FixedAccessKeys(List.of(InMemoryGateway.CLIENT)),
                                            Set.of("kinesis"),
                                            clock),
                                    clock,
                                    random,
                                    new SimpleMeterRegistry(),
                                    64L << 20,
                                    _ -> Optional.of(new SecretKeySpec(new byte[32], "AES")),
                                    true));
            gateway.start();
            return new Running(backend, gateway);
        }

        void stop() {
            gateway.close();
            backend.close();
        }
    }

    @BeforeAll
    void start(KafkaNode kafka) throws InterruptedException {
        gateways.add(Running.start(kafka.bootstrapServers(), "one"));
        gateways.add(Running.start(kafka.bootstrapServers(), "two"));
    }

    @AfterAll
    void stop() {
        gateways.forEach(Running::stop);
    }

    @Override
    SignedPost gateway() {
        return new SignedPost(
                gateways.get(next.getAndIncrement() % gateways.size()).gateway().port());
    }

    /** What is in flight stays so, and handles stay good, when another gateway keeps the queue. */
    @Test
    void aGatewayThatStopsHandsItsQueuesOver(KafkaNode kafka) throws Exception {
        Running leaving = Running.start(kafka.bootstrapServers(), "leaving");
        gateways.add(leaving);
        String stream = stream(1);
        List<String> queues = new ArrayList<>();
        List<List<JsonNode>> received = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            queues.add(queue(stream, ""));
        }
        put(stream, "a");
        for (String queue : queues) {
            received.add(receive(queue, ""));
        }
        gateways.remove(leaving);
        leaving.stop();
        put(stream, "b");
        for (int i = 0; i < queues.size(); i++) {
            List<JsonNode> more = receive(queues.get(i), "");
            assertThat(more).extracting(QueueContract::data).containsExactly("b");
            List<JsonNode> both = new ArrayList<>(received.get(i));
            both.addAll(more);
            assertThat(
                            settleAll("AcknowledgeQueueRecords", queues.get(i), both, "")
                                    .body()
                                    .path("Successful")
                                    .size())
                    .isEqualTo(2);
        }
    }
}
