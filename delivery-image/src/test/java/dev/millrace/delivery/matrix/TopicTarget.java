/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.matrix;

import dev.millrace.delivery.testing.FaultyHttp;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Records of another topic. */
final class TopicTarget implements Target {

    private final Servers servers;
    private final FaultyHttp store;
    private final Admin admin;
    private final KafkaConsumer<String, String> consumer;
    private final List<Long> read = new ArrayList<>();
    private final String bucket = Servers.name("topic-backup");
    private final String topic = Servers.name("copied");

    TopicTarget(Servers servers) throws Exception {
        this.servers = servers;
        this.store = new FaultyHttp(servers.s3().endpoint());
        servers.s3().client().createBucket(r -> r.bucket(bucket));
        Map<String, Object> client = Map.of("bootstrap.servers", servers.pool().bootstrapServers());
        this.admin = Admin.create(client);
        admin.createTopics(
                        List.of(
                                new NewTopic(topic, 2, (short) 1)
                                        .configs(
                                                Map.of(
                                                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                                                        "20000"))))
                .all()
                .get();
        this.consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                servers.pool().bootstrapServers(),
                                "group.id",
                                topic,
                                "auto.offset.reset",
                                "earliest"),
                        new StringDeserializer(),
                        new StringDeserializer());
        consumer.subscribe(List.of(topic));
    }

    @Override
    public String name() {
        return "Kafka";
    }

    @Override
    public Guarantee guarantee() {
        return Guarantee.AT_LEAST_ONCE;
    }

    @Override
    public String destination() {
        return """
        {"kafka": {"bootstrapServers": "%s", "topic": "%s", "buffering": {"sizeMiB": 1, "intervalSeconds": 0}}}
        """
                .formatted(servers.pool().bootstrapServers(), topic);
    }

    @Override
    public String more() {
        return Servers.backup(store, bucket);
    }

    @Override
    public synchronized List<Long> delivered() {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
            read.addAll(Ids.in(record.value()));
        }
        return List.copyOf(read);
    }

    @Override
    public List<Long> refused() {
        return Ids.inErrors(servers.s3(), bucket);
    }

    @Override
    public List<Trouble> troubles() {
        return List.of(
                Trouble.poison("records that are too large for the topic", TopicTarget::large),
                Trouble.lasting(
                                "the backup is down, too",
                                "InternalError",
                                () -> store.set(Servers.s3Error(503, "SlowDown")),
                                store::mend)
                        .with(TopicTarget::large));
    }

    private static String large(long id) {
        byte[] noise = new byte[60_000];
        new Random(id).nextBytes(noise);
        return "{\"id\":%d,\"noise\":\"%s\"}"
                .formatted(id, Base64.getEncoder().encodeToString(noise));
    }

    @Override
    public void close() throws IOException {
        consumer.close();
        admin.close();
        store.close();
    }
}
