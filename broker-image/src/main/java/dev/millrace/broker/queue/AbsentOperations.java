/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

import dev.millrace.broker.wire.Action;
import dev.millrace.broker.wire.Answer;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.broker.wire.ErrorCode;
import dev.millrace.broker.wire.Input;
import dev.millrace.broker.wire.Violations;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The operations on queues and channels, answered as for an account that has none and may make
 * none: lists are empty, what is named is not found, and making one exceeds the limit of 0.
 */
public final class AbsentOperations {

    private static final List<String> ON_QUEUES =
            List.of(
                    "AcknowledgeDeadLetterQueueRecords",
                    "AcknowledgeQueueRecords",
                    "DeleteQueue",
                    "DescribeQueue",
                    "ReceiveDeadLetterQueueRecords",
                    "ReceiveQueueRecords",
                    "RestoreDeadLetterQueueRecords",
                    "UpdateDeadLetterQueueRecordsVisibility",
                    "UpdateQueue",
                    "UpdateQueueRecordsVisibility");
    private static final List<String> ON_CHANNELS =
            List.of("DeleteChannel", "DescribeChannel", "UpdateChannel");
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_.-]+");
    private static final int ARN_LENGTH_MAX = 2048;
    private static final int NAME_LENGTH_MAX = 128;
    private static final int LIST_MAX = 10_000;

    private AbsentOperations() {}

    /** The actions by the names of their operations. */
    public static Map<String, Action> byName() {
        Map<String, Action> actions = new HashMap<>();
        ON_QUEUES.forEach(name -> actions.put(name, notFound("Queue", "queueARN", "queue")));
        ON_CHANNELS.forEach(
                name -> actions.put(name, notFound("Channel", "channelARN", "channel")));
        actions.put("ListQueues", empty("QueueSummaries"));
        actions.put("ListChannels", empty("ChannelSummaries"));
        actions.put("CreateQueue", refused("queues", "queueName"));
        actions.put("CreateChannel", refused("channels", "channelName"));
        return actions;
    }

    private static Action notFound(String kind, String member, String path) {
        Pattern arnPattern = Pattern.compile("arn:aws.*:kinesis:.*:\\d{12}:" + path + "/\\S+");
        return call -> {
            Optional<String> arn = call.input().string(capitalized(member));
            new Violations()
                    .required(member, arn)
                    .length(member, arn, 1, ARN_LENGTH_MAX)
                    .pattern(member, arn, arnPattern)
                    .check();
            throw new AwsException(
                    ErrorCode.RESOURCE_NOT_FOUND,
                    "%s %s not found.".formatted(kind, arn.orElseThrow()));
        };
    }

    private static Action empty(String list) {
        return call -> {
            Input input = call.input();
            new Violations()
                    .inRange("maxResults", input.integer("MaxResults"), 1, LIST_MAX)
                    .check();
            if (input.string("NextToken").isPresent()) {
                throw AwsException.invalidArgument("Invalid NextToken.");
            }
            Answer none =
                    (out, _) -> {
                        out.writeArrayFieldStart(list);
                        out.writeEndArray();
                    };
            return none;
        };
    }

    private static Action refused(String kind, String member) {
        return call -> {
            Optional<String> name = call.input().string(capitalized(member));
            new Violations()
                    .required(member, name)
                    .length(member, name, 1, NAME_LENGTH_MAX)
                    .pattern(member, name, NAME)
                    .check();
            throw new AwsException(
                    ErrorCode.LIMIT_EXCEEDED,
                    "The account may have 0 %s: this service does not offer them.".formatted(kind));
        };
    }

    /** Fields begin with a capital letter, and violations name them without. */
    private static String capitalized(String member) {
        return Character.toUpperCase(member.charAt(0)) + member.substring(1);
    }
}
