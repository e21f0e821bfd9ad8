#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes, reshards and deletes a stream with plain boto3: lifecycle.py create|reshard|delete STREAM"""
import sys

import boto3
from cluster import wait_until


def main():
    command, stream = sys.argv[1:]
    kinesis = boto3.client("kinesis")

    def summary():
        return kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]

    if command == "create":
        kinesis.create_stream(StreamName=stream, ShardCount=2)
        kinesis.get_waiter("stream_exists").wait(StreamName=stream, WaiterConfig={"Delay": 1})
        print(f"{stream} is made: {summary()['OpenShardCount']} shards")
    elif command == "reshard":
        kinesis.update_shard_count(StreamName=stream, TargetShardCount=4, ScalingType="UNIFORM_SCALING")
        wait_until(
            f"{stream} has 4 shards",
            lambda: summary()["OpenShardCount"] == 4 and summary()["StreamStatus"] == "ACTIVE",
            seconds=60,
        )
    elif command == "delete":
        kinesis.delete_stream(StreamName=stream)
        wait_until(
            f"{stream} is deleted", lambda: stream not in kinesis.list_streams()["StreamNames"], seconds=60
        )
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
