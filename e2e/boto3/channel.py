#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A channel from a stream into a bucket, with plain boto3: channel.py NAME

Needs the environment of `./up env`, samples/delivery/s3-server.yaml, and a boto3 that knows channels (1.44.5).
"""
import gzip
import json
import sys

import boto3
from cluster import ROLE, delivery_stream, sample_s3, wait_until


def main():
    (name,) = sys.argv[1:]
    kinesis = boto3.client("kinesis")
    s3 = sample_s3()
    kinesis.create_stream(StreamName=name, ShardCount=2)
    kinesis.get_waiter("stream_exists").wait(StreamName=name)
    stream = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]

    made = kinesis.create_channel(
        ChannelName=name,
        ServiceExecutionRoleARN=ROLE,
        StreamConfigurationList=[{"StreamARN": stream, "RecordConfiguration": {"RecordFormatType": "JSON"}}],
        S3DestinationConfiguration={
            "StorageConfiguration": {
                "BucketARN": "arn:aws:s3:::lake",
                "ExpectedBucketOwner": "000000000000",
                "CompressionType": "GZIP",
                "OutputKeyTemplate": f"{name}/",
            },
            "DataFreshnessInSeconds": 0,
        },
    )["ChannelDescription"]
    arn = made["ChannelARN"]

    def description():
        return kinesis.describe_channel(ChannelARN=arn)["ChannelDescription"]

    carrier = f"channel-{name}"
    wait_until("the channel is ACTIVE", lambda: description()["ChannelStatus"] == "ACTIVE")
    wait_until("its delivery stream is there", lambda: delivery_stream(carrier))
    listed = kinesis.list_channels(StreamFilter=[{"StreamARN": stream}])["ChannelSummaries"]
    assert [channel["ChannelName"] for channel in listed] == [name], listed
    wait_until(
        "and is Ready",
        lambda: any(
            condition["type"] == "Ready" and condition["status"] == "True"
            for condition in delivery_stream(carrier).get("status", {}).get("conditions", [])
        ),
    )

    records = [json.dumps({"number": i}) for i in range(200)]
    put = kinesis.put_records(
        StreamName=name, Records=[{"Data": record.encode(), "PartitionKey": record} for record in records]
    )
    assert put["FailedRecordCount"] == 0, put

    def delivered():
        lines = []
        for entry in s3.list_objects_v2(Bucket="lake", Prefix=f"{name}/").get("Contents", []):
            body = s3.get_object(Bucket="lake", Key=entry["Key"])["Body"].read()
            lines += gzip.decompress(body).decode().splitlines()
        return sorted(lines)

    wait_until("200 records are in the bucket, a line each, each once", lambda: delivered() == sorted(records))

    kinesis.update_channel(
        ChannelARN=arn,
        S3DestinationConfiguration={"DataFreshnessInSeconds": 60},
    )
    wait_until(
        "its delivery stream buffers for longer",
        lambda: delivery_stream(carrier)["spec"]["destination"]["s3"]["buffering"]["intervalSeconds"] == 60,
    )
    kinesis.delete_channel(ChannelARN=arn)
    wait_until("it is deleted, and its delivery stream", lambda: not delivery_stream(carrier))
    kinesis.delete_stream(StreamName=name)


if __name__ == "__main__":
    main()
