# SPDX-License-Identifier: Apache-2.0
"""The cluster as the scripts beside this see it."""
import json
import os
import subprocess
import sys
import time

import boto3

# The Secret lake-keys has the keys of samples/delivery/s3-server.yaml.
ROLE = "arn:aws:iam::000000000000:role/lake-keys"


def wait_until(what, condition, seconds=180):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"not within {seconds} s: {what}")
        time.sleep(0.5)
    print(what)


def kubectl(*arguments):
    return subprocess.run(
        ["kubectl", "-n", "default", *arguments], check=False, capture_output=True, text=True
    )


def delivery_stream(name):
    """The resource; None if it is not there."""
    got = kubectl("get", "kdf", name, "-o", "json")
    return json.loads(got.stdout) if got.returncode == 0 else None


def sample_s3():
    """A client of samples/delivery/s3-server.yaml, by the environment of `./up env`."""
    return boto3.client(
        "s3",
        endpoint_url=os.environ["S3_ENDPOINT"],
        aws_access_key_id=os.environ["S3_ACCESS_KEY_ID"],
        aws_secret_access_key=os.environ["S3_SECRET_ACCESS_KEY"],
        config=boto3.session.Config(s3={"addressing_style": "path"}),
    )
