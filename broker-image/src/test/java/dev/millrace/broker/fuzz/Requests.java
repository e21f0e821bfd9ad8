/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.fuzz;

import java.util.List;

/** Good requests of every operation: what the fuzz begins with. */
final class Requests {

    static final String STREAM = "fuzz-a";
    static final String CONSUMER = "reader";

    /**
     * A request.
     *
     * @param target the value of X-Amz-Target
     * @param body JSON; ITERATOR and CONSUMER_ARN stand for ones that are valid now
     */
    record Template(String target, String body) {}

    private static final String ARN = "\"arn:aws:kinesis:us-east-1:000000000000:stream/fuzz-a\"";

    private static final List<Template> ALL =
            List.of(
                    kinesis("AddTagsToStream", "{'StreamName':'fuzz-a','Tags':{'k':'v','l':''}}"),
                    kinesis(
                            "CreateStream",
                            "{'StreamName':'fuzz-b','ShardCount':2,'StreamModeDetails':{'StreamMode':'PROVISIONED'},'Tags':{'a':'b'}}"),
                    kinesis(
                            "DecreaseStreamRetentionPeriod",
                            "{'StreamName':'fuzz-a','RetentionPeriodHours':24}"),
                    kinesis(
                            "DeleteStream",
                            "{'StreamName':'fuzz-b','EnforceConsumerDeletion':true}"),
                    kinesis(
                            "DeregisterStreamConsumer",
                            "{'StreamARN':" + ARN + ",'ConsumerName':'other'}"),
                    kinesis("DescribeAccountSettings", "{}"),
                    kinesis("DescribeLimits", "{}"),
                    kinesis("DescribeStream", "{'StreamName':'fuzz-a','Limit':10}"),
                    kinesis("DescribeStreamConsumer", "{'ConsumerARN':'CONSUMER_ARN'}"),
                    kinesis("DescribeStreamSummary", "{'StreamARN':" + ARN + "}"),
                    kinesis(
                            "DisableEnhancedMonitoring",
                            "{'StreamName':'fuzz-a','ShardLevelMetrics':['ALL']}"),
                    kinesis(
                            "EnableEnhancedMonitoring",
                            "{'StreamName':'fuzz-a','ShardLevelMetrics':['IncomingBytes']}"),
                    kinesis("GetRecords", "{'ShardIterator':'ITERATOR','Limit':3}"),
                    kinesis("GetRecords", "{'ShardIterator':'ITERATOR'}"),
                    kinesis("GetResourcePolicy", "{'ResourceARN':" + ARN + "}"),
                    kinesis(
                            "GetShardIterator",
                            "{'StreamName':'fuzz-a','ShardId':'shardId-000000000000','ShardIteratorType':'AT_SEQUENCE_NUMBER','StartingSequenceNumber':'49590338271490256608559692538361571095921575989136588898'}"),
                    kinesis(
                            "GetShardIterator",
                            "{'StreamName':'fuzz-a','ShardId':'shardId-000000000000','ShardIteratorType':'AT_TIMESTAMP','Timestamp':1700000000.5}"),
                    kinesis(
                            "ListShards",
                            "{'StreamName':'fuzz-a','MaxResults':1,'ShardFilter':{'Type':'AT_TIMESTAMP','Timestamp':1700000000.5}}"),
                    kinesis("ListShards", "{'NextToken':'ITERATOR','MaxResults':7}"),
                    kinesis("ListStreamConsumers", "{'StreamARN':" + ARN + ",'MaxResults':1}"),
                    kinesis("ListStreams", "{'Limit':1,'ExclusiveStartStreamName':'a'}"),
                    kinesis("ListTagsForResource", "{'ResourceARN':" + ARN + "}"),
                    kinesis("ListTagsForStream", "{'StreamName':'fuzz-a','Limit':3}"),
                    kinesis(
                            "MergeShards",
                            "{'StreamName':'fuzz-a','ShardToMerge':'shardId-000000000000','AdjacentShardToMerge':'shardId-000000000001'}"),
                    kinesis(
                            "PutRecord",
                            "{'StreamName':'fuzz-a','Data':'aGVsbG8=','PartitionKey':'k','ExplicitHashKey':'17','SequenceNumberForOrdering':'0'}"),
                    kinesis(
                            "PutRecords",
                            "{'StreamName':'fuzz-a','Records':[{'Data':'aGVsbG8=','PartitionKey':'k'},{'Data':'','PartitionKey':'l','ExplicitHashKey':'340282366920938463463374607431768211455'}]}"),
                    kinesis(
                            "PutResourcePolicy",
                            "{'ResourceARN':"
                                    + ARN
                                    + ",'Policy':'{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":\\\"*\\\",\\\"Action\\\":\\\"kinesis:GetRecords\\\",\\\"Resource\\\":\\\"*\\\"}]}'}"),
                    kinesis(
                            "RegisterStreamConsumer",
                            "{'StreamARN':" + ARN + ",'ConsumerName':'other','Tags':{'x':'y'}}"),
                    kinesis("RemoveTagsFromStream", "{'StreamName':'fuzz-a','TagKeys':['k']}"),
                    kinesis(
                            "SplitShard",
                            "{'StreamName':'fuzz-a','ShardToSplit':'shardId-000000000000','NewStartingHashKey':'99'}"),
                    kinesis(
                            "StartStreamEncryption",
                            "{'StreamName':'fuzz-a','EncryptionType':'KMS','KeyId':'nobody'}"),
                    kinesis(
                            "StopStreamEncryption",
                            "{'StreamName':'fuzz-a','EncryptionType':'KMS','KeyId':'nobody'}"),
                    kinesis(
                            "TagResource",
                            "{'ResourceARN':" + ARN + ",'Tags':{'team':'a','cost':'b'}}"),
                    kinesis(
                            "UntagResource",
                            "{'ResourceARN':" + ARN + ",'TagKeys':['team','cost']}"),
                    kinesis(
                            "UpdateAccountSettings",
                            "{'MinimumThroughputBillingCommitment':{'Status':'DISABLED'}}"),
                    kinesis(
                            "UpdateMaxRecordSize",
                            "{'StreamARN':" + ARN + ",'MaxRecordSizeInKiB':2048}"),
                    kinesis(
                            "UpdateShardCount",
                            "{'StreamName':'fuzz-a','TargetShardCount':3,'ScalingType':'UNIFORM_SCALING'}"),
                    kinesis(
                            "UpdateStreamMode",
                            "{'StreamARN':"
                                    + ARN
                                    + ",'StreamModeDetails':{'StreamMode':'PROVISIONED'}}"),
                    kinesis(
                            "UpdateStreamWarmThroughput",
                            "{'StreamARN':" + ARN + ",'WarmThroughputMiBps':10}"),
                    kinesis("ListQueues", "{'MaxResults':3}"),
                    kinesis("CreateQueue", "{'QueueName':'q'}"),
                    kinesis(
                            "ReceiveQueueRecords",
                            "{'QueueARN':'arn:aws:kinesis:us-east-1:000000000000:queue/q'}"),
                    firehose("ListDeliveryStreams", "{'Limit':3}"),
                    firehose("DescribeDeliveryStream", "{'DeliveryStreamName':'nobody'}"),
                    firehose(
                            "PutRecord",
                            "{'DeliveryStreamName':'nobody','Record':{'Data':'aGVsbG8='}}"),
                    firehose(
                            "PutRecordBatch",
                            "{'DeliveryStreamName':'nobody','Records':[{'Data':'aGVsbG8='}]}"),
                    firehose(
                            "CreateDeliveryStream",
                            "{'DeliveryStreamName':'d','DeliveryStreamType':'DirectPut','ExtendedS3DestinationConfiguration':{'BucketARN':'arn:aws:s3:::b','RoleARN':'arn:aws:iam::1:role/x','BufferingHints':{'SizeInMBs':1,'IntervalInSeconds':60},'Prefix':'a/!{timestamp:yyyy}/','CompressionFormat':'GZIP'}}"),
                    firehose("DeleteDeliveryStream", "{'DeliveryStreamName':'d'}"),
                    operator(
                            "ApplyStream",
                            "{'StreamName':'fuzz-c','OwnerUid':'u','ShardCount':2,'Mode':'PROVISIONED','Limits':'KINESIS','RetentionPeriodHours':24,'MaxRecordSizeInKiB':1024,'Tags':{'a':'b'},'OnDemand':{'MinShards':1,'MaxShards':3,'ShardKiBPerSecond':100}}"),
                    operator("ListStreamStates", "{}"),
                    operator("DescribePool", "{}"),
                    operator("RemoveStream", "{'StreamName':'fuzz-c','OwnerUid':'u'}"));

    /** An event stream: only over HTTP/2 do clients call it. */
    static final Template SUBSCRIBE =
            kinesis(
                    "SubscribeToShard",
                    "{'ConsumerARN':'CONSUMER_ARN','ShardId':'shardId-000000000000','StartingPosition':{'Type':'TRIM_HORIZON'}}");

    private Requests() {}

    static List<Template> all() {
        return ALL;
    }

    private static Template kinesis(String operation, String body) {
        return new Template("Kinesis_20131202." + operation, quoted(body));
    }

    private static Template firehose(String operation, String body) {
        return new Template("Firehose_20150804." + operation, quoted(body));
    }

    private static Template operator(String operation, String body) {
        return new Template("Millrace_20261101." + operation, quoted(body));
    }

    private static String quoted(String body) {
        return body.replace('\'', '"');
    }
}
