/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.stream;

import dev.millrace.shard.ChannelId;
import dev.millrace.shard.QueueId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.map.StreamConsumer;

/** The region and account that this service stands for in ARNs and messages. */
public record Account(String region, String id) {

    public static final String DEFAULT_REGION = "us-east-1";
    public static final String DEFAULT_ID = "000000000000";

    public Account {
        if (!id.matches("\\d{12}")) {
            throw new IllegalArgumentException("An account id has 12 digits: '" + id + "'");
        }
    }

    /** A consumer's ARN ends with the seconds at which it was registered. */
    public String arnOf(StreamName stream, StreamConsumer consumer) {
        return "%s/consumer/%s:%d"
                .formatted(arnOf(stream), consumer.name(), consumer.createdAt().getEpochSecond());
    }

    public String arnOf(StreamName stream) {
        return "arn:aws:kinesis:" + region + ":" + id + ":stream/" + stream;
    }

    public String arnOf(QueueId queue) {
        return "arn:aws:kinesis:" + region + ":" + id + ":queue/" + queue;
    }

    public String arnOf(ChannelId channel) {
        return "arn:aws:kinesis:" + region + ":" + id + ":channel/" + channel;
    }

    /** A delivery stream's ARN, whatever its name. */
    public String arnOfDelivery(String name) {
        return "arn:aws:firehose:" + region + ":" + id + ":deliverystream/" + name;
    }
}
