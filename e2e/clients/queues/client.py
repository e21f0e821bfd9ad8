#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Queues with plain boto3: each operation with what a consumer of a queue would look at. client.py STREAM"""
import sys
import time

import boto3
from botocore.exceptions import ClientError

kinesis = boto3.client("kinesis")


def call(operation, **fields):
    answer = getattr(kinesis, "".join(("_" if c.isupper() else "") + c.lower() for c in operation).lstrip("_"))(**fields)
    print(operation)
    return answer


def expect(what, was, wanted):
    if was != wanted:
        sys.exit(f"{what}: {was!r} is not {wanted!r}")


def main():
    stream = sys.argv[1]
    kinesis.create_stream(StreamName=stream, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    kinesis.get_waiter("stream_exists").wait(StreamName=stream, WaiterConfig={"Delay": 1})
    arn = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]

    queue = call(
        "CreateQueue",
        QueueName=stream,
        StreamConfigurationList=[{"StreamARN": arn, "StartingPosition": {"Type": "TRIM_HORIZON"}}],
        QueueAttributes={
            "VisibilityTimeoutSeconds": 60,
            "DeadLetterConfiguration": {"TargetType": "BUILT_IN", "MaxReceiveCount": 2},
        },
        Tags={"team": "clients"},
    )["QueueDescription"]["QueueARN"]
    described = call("DescribeQueue", QueueARN=queue)["QueueDescription"]
    expect("the status", described["QueueStatus"], "ACTIVE")
    expect("the stream", described["StreamConfigurationList"][0]["StreamARN"], arn)
    listed = call("ListQueues", StreamFilter=[{"StreamARN": arn}])["QueueSummaries"]
    expect("the list", [q["QueueARN"] for q in listed], [queue])
    expect("the tags", kinesis.list_tags_for_resource(ResourceARN=queue)["Tags"], [{"Key": "team", "Value": "clients"}])

    wanted = {f"record {i}".encode() for i in range(40)}
    kinesis.put_records(StreamName=stream, Records=[{"Data": d, "PartitionKey": d.decode()} for d in wanted])
    got = []
    while len(got) < len(wanted):
        records = call("ReceiveQueueRecords", QueueARN=queue, WaitTimeSeconds=20)["QueueRecords"]
        got += [r["Data"] for r in records]
        expect("the first count", {r["ReceiveCount"] for r in records}, {1})
        done = call(
            "AcknowledgeQueueRecords",
            QueueARN=queue,
            Entries=[{"ReceiptHandle": r["ReceiptHandle"]} for r in records],
        )
        expect("what failed", done["Failed"], [])
    expect("what was received", sorted(got), sorted(wanted))

    kinesis.put_record(StreamName=stream, PartitionKey="p", Data=b"poison")
    for count in (1, 2):
        record = kinesis.receive_queue_records(QueueARN=queue, WaitTimeSeconds=20)["QueueRecords"][0]
        expect("the count", record["ReceiveCount"], count)
        entry = {"ReceiptHandle": record["ReceiptHandle"], "VisibilityTimeoutSeconds": 0}
        expect("the give-up", call("UpdateQueueRecordsVisibility", QueueARN=queue, Entries=[entry])["Failed"], [])
    expect("the queue", kinesis.receive_queue_records(QueueARN=queue, WaitTimeSeconds=1)["QueueRecords"], [])

    def dead():
        return call("ReceiveDeadLetterQueueRecords", QueueARN=queue, WaitTimeSeconds=20)["QueueRecords"][0]

    letter = dead()
    expect("the dead letter", letter["Data"], b"poison")
    entry = {"ReceiptHandle": letter["ReceiptHandle"], "VisibilityTimeoutSeconds": 0}
    expect("its time", call("UpdateDeadLetterQueueRecordsVisibility", QueueARN=queue, Entries=[entry])["Failed"], [])
    entry = {"ReceiptHandle": dead()["ReceiptHandle"]}
    expect("its return", call("RestoreDeadLetterQueueRecords", QueueARN=queue, Entries=[entry])["Failed"], [])
    for count in (1, 2):
        record = kinesis.receive_queue_records(QueueARN=queue, WaitTimeSeconds=20, VisibilityTimeoutSeconds=0)
        expect("the count after its return", record["QueueRecords"][0]["ReceiveCount"], count)
    entry = {"ReceiptHandle": dead()["ReceiptHandle"]}
    expect("its end", call("AcknowledgeDeadLetterQueueRecords", QueueARN=queue, Entries=[entry])["Failed"], [])

    updated = call("UpdateQueue", QueueARN=queue, QueueAttributes={"VisibilityTimeoutSeconds": 5})["QueueDescription"]
    expect("the update", updated["QueueAttributes"]["VisibilityTimeoutSeconds"], 5)
    try:
        kinesis.delete_stream(StreamName=stream)
        sys.exit("a stream with a queue was deleted")
    except ClientError as e:
        expect("the refusal", e.response["Error"]["Code"], "ResourceInUseException")
    call("DeleteQueue", QueueARN=queue)
    try:
        kinesis.describe_queue(QueueARN=queue)
        sys.exit("a deleted queue is described")
    except kinesis.exceptions.ResourceNotFoundException:
        pass
    kinesis.delete_stream(StreamName=stream)


if __name__ == "__main__":
    begun = time.monotonic()
    main()
    print(f"in {time.monotonic() - begun:.1f} s", file=sys.stderr)
