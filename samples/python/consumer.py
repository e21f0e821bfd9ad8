#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads a stream from its beginning, parents before their children: consumer.py STREAM COUNT [SECONDS]

Ends when COUNT records were read; exits with 1 when that takes longer than SECONDS (60).
"""
import collections
import json
import sys
import time

import boto3


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    stream, count = sys.argv[1], int(sys.argv[2])
    deadline = time.monotonic() + (float(sys.argv[3]) if len(sys.argv) == 4 else 60)
    kinesis = boto3.client("kinesis")

    shards = {s["ShardId"]: s for s in kinesis.list_shards(StreamName=stream)["Shards"]}
    parents = {
        shard_id: {p for p in (s.get("ParentShardId"), s.get("AdjacentParentShardId")) if p in shards}
        for shard_id, s in shards.items()
    }
    ended, iterators = set(), {}
    read, last, disorder = collections.Counter(), {}, 0
    while sum(read.values()) < count:
        if time.monotonic() > deadline:
            sys.exit(f"only {sum(read.values())} of {count} records of {stream} could be read in time")
        for shard_id in sorted(shards):
            if shard_id in ended or not parents[shard_id] <= ended:
                continue
            iterator = iterators.get(shard_id) or kinesis.get_shard_iterator(
                StreamName=stream, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            answer = kinesis.get_records(ShardIterator=iterator, Limit=1000)
            for record in answer["Records"]:
                order = json.loads(record["Data"])
                disorder += order["order"] < last.get(order["customer"], -1)
                last[order["customer"]] = order["order"]
                read[shard_id] += 1
            for child in answer.get("ChildShards", []):
                if child["ShardId"] not in shards:
                    shards[child["ShardId"]] = child
                    parents[child["ShardId"]] = set(child["ParentShards"])
            if answer.get("NextShardIterator"):
                iterators[shard_id] = answer["NextShardIterator"]
            else:
                ended.add(shard_id)
        time.sleep(0.05)
    print(f"read {sum(read.values())} records from {stream}: "
          + ", ".join(f"{shard} {n}" for shard, n in sorted(read.items())))
    print("each customer's orders came in order" if not disorder
          else f"{disorder} orders came again or out of order")


if __name__ == "__main__":
    main()
