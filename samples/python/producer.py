#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts numbered orders of ten customers into a stream: producer.py STREAM COUNT

Numbers start at the time of day, so that those of a later run are larger.

Plain boto3: the endpoint and the keys come from the environment (AWS_ENDPOINT_URL, ...).
"""
import collections
import datetime
import json
import random
import sys
import time

import boto3

BATCH = 100
ATTEMPTS = 10
REGIONS = ["eu", "us", "ap"]


def order(number):
    now = datetime.datetime.now(datetime.timezone.utc)
    return {
        "customer": number % 10,
        "order": number,
        "region": REGIONS[number % 10 % 3],
        "price": round(random.lognormvariate(3.5, 1), 2),
        "at": now.isoformat(timespec="milliseconds"),
    }


def put(kinesis, stream, entries):
    """Puts entries; those that fail are put again, a bounded number of times."""
    shards = collections.Counter()
    for _ in range(ATTEMPTS):
        results = kinesis.put_records(StreamName=stream, Records=entries)["Records"]
        shards.update(r["ShardId"] for r in results if "ShardId" in r)
        entries = [e for e, r in zip(entries, results) if "ErrorCode" in r]
        if not entries:
            return shards
    sys.exit(f"{len(entries)} records of {stream} were not taken after {ATTEMPTS} attempts")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    stream, count = sys.argv[1], int(sys.argv[2])
    kinesis = boto3.client("kinesis")
    first = int(time.time() * 1000)
    shards = collections.Counter()
    for start in range(0, count, BATCH):
        entries = [
            {
                "PartitionKey": f"customer-{n % 10}",
                "Data": json.dumps(order(n)).encode(),
            }
            for n in range(first + start, first + min(start + BATCH, count))
        ]
        shards += put(kinesis, stream, entries)
    print(f"put {count} records into {stream}: "
          + ", ".join(f"{shard} {n}" for shard, n in sorted(shards.items())))


if __name__ == "__main__":
    main()
