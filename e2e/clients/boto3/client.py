# SPDX-License-Identifier: Apache-2.0
"""boto3: each operation once, with what an application would look at; and records that were put together as KPL does."""
import sys
import time

import aws_kinesis_agg.aggregator
import aws_kinesis_agg.deaggregator
import boto3

stream = sys.argv[1]
client = boto3.client("kinesis")


def call(operation, **arguments):
    answer = getattr(client, "".join("_" + c.lower() if c.isupper() else c for c in operation)[1:])(**arguments)
    print(operation)
    return answer


def summary():
    return call("DescribeStreamSummary", StreamName=stream)["StreamDescriptionSummary"]


def settled(shards):
    for _ in range(300):
        now = summary()
        if now["StreamStatus"] == "ACTIVE" and now["OpenShardCount"] == shards:
            return
        time.sleep(0.1)
    raise AssertionError(f"{stream} does not come to {shards} shards: {now}")


def read(shard, **start):
    iterator = call("GetShardIterator", StreamName=stream, ShardId=shard, **start)["ShardIterator"]
    records = []
    while iterator:
        got = call("GetRecords", ShardIterator=iterator)
        records += got["Records"]
        iterator = got.get("NextShardIterator") if got["Records"] or got["MillisBehindLatest"] else None
    return records, got.get("ChildShards", [])


def refused(error, operation, **arguments):
    try:
        getattr(client, operation)(**arguments)
    except getattr(client.exceptions, error):
        return
    raise AssertionError(f"no {error}")


call("CreateStream", StreamName=stream, ShardCount=2)
refused("ResourceInUseException", "create_stream", StreamName=stream, ShardCount=2)
client.get_waiter("stream_exists").wait(StreamName=stream, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
print("DescribeStream")
settled(2)
data = bytes(range(256))
put = call("PutRecord", StreamName=stream, PartitionKey="schlüssel-😀", Data=data)
entries = [{"PartitionKey": f"key-{i}", "Data": f"value-{i}".encode()} for i in range(100)]
assert call("PutRecords", StreamName=stream, Records=entries)["FailedRecordCount"] == 0
shards = call("ListShards", StreamName=stream)["Shards"]
assert sum(len(read(s["ShardId"], ShardIteratorType="TRIM_HORIZON")[0]) for s in shards) == 101
first = read(put["ShardId"], ShardIteratorType="AT_SEQUENCE_NUMBER", StartingSequenceNumber=put["SequenceNumber"])[0][0]
assert first["Data"] == data and first["PartitionKey"] == "schlüssel-😀", first

aggregator = aws_kinesis_agg.aggregator.RecordAggregator()
for i in range(200):
    aggregator.add_user_record(f"user-{i % 7}", f"aggregated-{i}".encode())
key, _, blob = aggregator.clear_and_get().get_contents()
whole = call("PutRecord", StreamName=stream, PartitionKey=key, Data=blob)
raw = read(whole["ShardId"], ShardIteratorType="AT_SEQUENCE_NUMBER", StartingSequenceNumber=whole["SequenceNumber"])[0]
assert raw[0]["Data"] == blob
single = list(aws_kinesis_agg.deaggregator.iter_deaggregate_records(raw[:1], data_format="Boto3"))
assert [r["kinesis"]["partitionKey"] for r in single] == [f"user-{i % 7}" for i in range(200)], single[:3]

arn = summary()["StreamARN"]
consumer = call("RegisterStreamConsumer", StreamARN=arn, ConsumerName="proof")["Consumer"]["ConsumerARN"]
for _ in range(50):
    if call("DescribeStreamConsumer", ConsumerARN=consumer)["ConsumerDescription"]["ConsumerStatus"] == "ACTIVE":
        break
    time.sleep(0.1)
assert len(call("ListStreamConsumers", StreamARN=arn)["Consumers"]) == 1
events = call(
    "SubscribeToShard", ConsumerARN=consumer, ShardId=put["ShardId"], StartingPosition={"Type": "TRIM_HORIZON"}
)["EventStream"]
assert next(e["SubscribeToShardEvent"]["Records"] for e in events if e["SubscribeToShardEvent"]["Records"])
events.close()
call("DeregisterStreamConsumer", ConsumerARN=consumer)

start, end = (int(shards[0]["HashKeyRange"][name]) for name in ("StartingHashKey", "EndingHashKey"))
call("SplitShard", StreamName=stream, ShardToSplit=shards[0]["ShardId"], NewStartingHashKey=str((start + end) // 2))
settled(3)
children = read(shards[0]["ShardId"], ShardIteratorType="TRIM_HORIZON")[1]
assert len(children) == 2, children
call("MergeShards", StreamName=stream, ShardToMerge=children[0]["ShardId"], AdjacentShardToMerge=children[1]["ShardId"])
settled(2)
call("UpdateShardCount", StreamName=stream, TargetShardCount=4, ScalingType="UNIFORM_SCALING")
settled(4)

call("AddTagsToStream", StreamName=stream, Tags={"team": "ünïcode"})
assert call("ListTagsForStream", StreamName=stream)["Tags"] == [{"Key": "team", "Value": "ünïcode"}]
call("RemoveTagsFromStream", StreamName=stream, TagKeys=["team"])
call("IncreaseStreamRetentionPeriod", StreamName=stream, RetentionPeriodHours=8760)
assert summary()["RetentionPeriodHours"] == 8760
call("DecreaseStreamRetentionPeriod", StreamName=stream, RetentionPeriodHours=24)
call("EnableEnhancedMonitoring", StreamName=stream, ShardLevelMetrics=["ALL"])
call("DisableEnhancedMonitoring", StreamName=stream, ShardLevelMetrics=["ALL"])
call("UpdateStreamMode", StreamARN=arn, StreamModeDetails={"StreamMode": "ON_DEMAND"})
call("DescribeLimits")
pages = client.get_paginator("list_streams").paginate(PaginationConfig={"PageSize": 1})
assert stream in [name for page in pages for name in page["StreamNames"]]
print("ListStreams")
refused("ResourceNotFoundException", "describe_stream", StreamName="nowhere")
refused("InvalidArgumentException", "get_records", ShardIterator="AAAA")
call("DeleteStream", StreamName=stream)
