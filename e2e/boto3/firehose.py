#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A delivery stream's life with plain boto3, seen as a resource by kubectl, and changed from both sides: firehose.py NAME

Needs the environment of `./up env` and samples/delivery/s3-server.yaml.
"""
import json
import sys

import boto3
from botocore.exceptions import ClientError
from cluster import ROLE, delivery_stream, kubectl, sample_s3, wait_until


def refused(code, words, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        said = error.response["Error"]
        if said["Code"] != code or words not in said["Message"]:
            sys.exit(f"not {code} with '{words}': {said}")
        return
    sys.exit(f"not refused, though '{words}'")


def s3_destination(**more):
    return {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::lake", **more}


def refusals(firehose):
    def create(code, words, name="refused", **configuration):
        refused(
            code,
            words,
            firehose.create_delivery_stream,
            DeliveryStreamName=name,
            **configuration,
        )

    create("InvalidArgumentException", "destination")
    create("ValidationException", "compressionFormat",
           ExtendedS3DestinationConfiguration=s3_destination(CompressionFormat="BROTLI"))
    create("InvalidArgumentException", "ErrorOutputPrefix cannot be null",
           ExtendedS3DestinationConfiguration=s3_destination(Prefix="!{timestamp:yyyy}/"))
    create("InvalidArgumentException", "Dynamic Partitioning",
           ExtendedS3DestinationConfiguration=s3_destination(
               Prefix="!{partitionKeyFromQuery:k}/", ErrorOutputPrefix="e/!{firehose:error-output-type}/"))
    create("InvalidArgumentException", "give both",
           ExtendedS3DestinationConfiguration=s3_destination(BufferingHints={"SizeInMBs": 5}))
    refused("ResourceNotFoundException", "not found", firehose.describe_delivery_stream, DeliveryStreamName="nowhere")
    refused("ResourceNotFoundException", "not found", firehose.put_record,
            DeliveryStreamName="nowhere", Record={"Data": b"x"})
    print("what Firehose refuses is refused")


def main():
    (name,) = sys.argv[1:]
    firehose = boto3.client("firehose")
    s3 = sample_s3()

    def description():
        return firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]

    def destination():
        return description()["Destinations"][0]["ExtendedS3DestinationDescription"]

    def objects(prefix):
        for entry in s3.list_objects_v2(Bucket="lake", Prefix=prefix).get("Contents", []):
            yield s3.get_object(Bucket="lake", Key=entry["Key"])["Body"].read()

    refusals(firehose)

    # From the API to the resource.
    arn = firehose.create_delivery_stream(
        DeliveryStreamName=name,
        DeliveryStreamType="DirectPut",
        ExtendedS3DestinationConfiguration=s3_destination(
            Prefix=f"{name}/", BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 0}
        ),
        Tags=[{"Key": "team", "Value": "web"}],
    )["DeliveryStreamARN"]
    assert arn.endswith(f":deliverystream/{name}"), arn
    refused("ResourceInUseException", name, firehose.create_delivery_stream,
            DeliveryStreamName=name, ExtendedS3DestinationConfiguration=s3_destination())
    wait_until("the resource is there", lambda: delivery_stream(name))
    wait_until("it is ACTIVE", lambda: description()["DeliveryStreamStatus"] == "ACTIVE")
    spec = delivery_stream(name)["spec"]
    assert spec["destination"]["s3"]["bucket"] == "lake", spec
    assert spec["tags"] == {"team": "web"}, spec
    names = firehose.list_delivery_streams(Limit=10_000)["DeliveryStreamNames"]
    assert name in names and names == sorted(names), names

    # Records.
    firehose.put_record(DeliveryStreamName=name, Record={"Data": b"<1>"})
    batch = firehose.put_record_batch(
        DeliveryStreamName=name, Records=[{"Data": f"<{i}>".encode()} for i in range(2, 201)]
    )
    assert batch["FailedPutCount"] == 0 and len(batch["RequestResponses"]) == 199, batch
    expected = sorted(f"{i}" for i in range(1, 201))
    wait_until(
        "200 records are in the bucket, each once",
        lambda: sorted(b"".join(objects(f"{name}/")).decode().strip("<>").split("><")) == expected,
    )

    # A change through the API is in spec; one of an old version is refused.
    before = description()["VersionId"]
    firehose.update_destination(
        DeliveryStreamName=name,
        CurrentDeliveryStreamVersionId=before,
        DestinationId=description()["Destinations"][0]["DestinationId"],
        ExtendedS3DestinationUpdate={"Prefix": f"{name}-later/"},
    )
    wait_until("spec has the new prefix",
               lambda: delivery_stream(name)["spec"]["destination"]["s3"]["prefix"] == f"{name}-later/")
    assert description()["VersionId"] != before
    refused("ConcurrentModificationException", "do not match", firehose.update_destination,
            DeliveryStreamName=name, CurrentDeliveryStreamVersionId=before,
            DestinationId=description()["Destinations"][0]["DestinationId"],
            ExtendedS3DestinationUpdate={"Prefix": "never/"})
    firehose.tag_delivery_stream(DeliveryStreamName=name, Tags=[{"Key": "stage", "Value": "test"}])
    firehose.untag_delivery_stream(DeliveryStreamName=name, TagKeys=["team"])
    wait_until("spec has the tags", lambda: delivery_stream(name)["spec"].get("tags") == {"stage": "test"})
    assert firehose.list_tags_for_delivery_stream(DeliveryStreamName=name)["Tags"] == [
        {"Key": "stage", "Value": "test"}
    ]

    # And back.
    patch = {"spec": {"destination": {"s3": {"compression": "GZIP"}}, "tags": {"stage": None, "cost": "7"}}}
    patched = kubectl("patch", "kdf", name, "--type", "merge", "-p", json.dumps(patch))
    assert patched.returncode == 0, patched.stderr
    wait_until("the API shows what kubectl has changed", lambda: destination()["CompressionFormat"] == "GZIP")
    wait_until("and its tags", lambda: firehose.list_tags_for_delivery_stream(DeliveryStreamName=name)["Tags"]
               == [{"Key": "cost", "Value": "7"}])

    firehose.delete_delivery_stream(DeliveryStreamName=name)
    wait_until("it is deleted, and its resource", lambda: not delivery_stream(name)
               and name not in firehose.list_delivery_streams(Limit=10_000)["DeliveryStreamNames"])


if __name__ == "__main__":
    main()
