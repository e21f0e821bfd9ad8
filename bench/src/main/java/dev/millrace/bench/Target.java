/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench;

import java.net.URI;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/**
 * The standalone broker that is measured, and clients of it.
 *
 * @param bootstrap where its Kafka listens
 */
record Target(URI endpoint, String bootstrap, long pid, String accessKey, String secret) {

    /**
     * Out of the arguments ENDPOINT BOOTSTRAP SERVER_PID ACCESS_KEY SECRET, or ends the program.
     */
    static Target of(String[] arguments) {
        if (arguments.length != 5) {
            System.err.println("usage: bench/run (it calls this)");
            System.exit(2);
        }
        return new Target(
                URI.create(arguments[0]),
                arguments[1],
                Long.parseLong(arguments[2]),
                arguments[3],
                arguments[4]);
    }

    KinesisClient kinesis() {
        return KinesisClient.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .credentialsProvider(credentials())
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    /** One that speaks HTTP/2, which subscriptions need. */
    KinesisAsyncClient kinesisAsync() {
        return KinesisAsyncClient.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .credentialsProvider(credentials())
                .httpClientBuilder(NettyNioAsyncHttpClient.builder().protocol(Protocol.HTTP2))
                .build();
    }

    Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrap));
    }

    Prepared prepared(Prepared.Encoding encoding) {
        return new Prepared(endpoint, AwsCredentialsIdentity.create(accessKey, secret), encoding);
    }

    RawConnection connect() throws java.io.IOException {
        return new RawConnection(endpoint);
    }

    void createStream(String name, int shards) {
        try (KinesisClient client = kinesis()) {
            client.createStream(create -> create.streamName(name).shardCount(shards));
            client.waiter().waitUntilStreamExists(describe -> describe.streamName(name));
        }
    }

    /** Registers a consumer and gives its ARN. */
    String registerConsumer(String stream, String consumer) {
        try (KinesisClient client = kinesis()) {
            String arn =
                    client.describeStreamSummary(r -> r.streamName(stream))
                            .streamDescriptionSummary()
                            .streamARN();
            return client.registerStreamConsumer(r -> r.streamARN(arn).consumerName(consumer))
                    .consumer()
                    .consumerARN();
        }
    }

    private StaticCredentialsProvider credentials() {
        return StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKey, secret));
    }

    static String shardId(int index) {
        return "shardId-%012d".formatted(index);
    }
}
