#!/usr/bin/env python3
"""Makes an EBS snapshot of a raw image with boto3, another client than the connector's.

make_snapshot.py URL ACCESS-KEY-ID SECRET IMAGE

Blocks of zeros are left out; the image has a whole number of GiB. Prints the snapshot's id.
"""

import base64
import hashlib
import os
import sys

import boto3

BLOCK = 512 << 10


def signed_hash(request, **_):
    """What moto checks and boto3 leaves out."""
    request.headers["X-Amz-Content-SHA256"] = hashlib.sha256(request.body or b"").hexdigest()


def main():
    url, key, secret, image = sys.argv[1:]
    ebs = boto3.client(
        "ebs", endpoint_url=url, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret)
    ebs.meta.events.register("before-sign.ebs.CompleteSnapshot", signed_hash)
    gibibytes = os.path.getsize(image) >> 30
    snapshot = ebs.start_snapshot(VolumeSize=gibibytes, Description="a source")["SnapshotId"]
    written = 0
    with open(image, "rb") as file:
        for index in range((gibibytes << 30) // BLOCK):
            block = file.read(BLOCK)
            if block.count(0) == len(block):
                continue
            digest = base64.b64encode(hashlib.sha256(block).digest()).decode()
            ebs.put_snapshot_block(
                SnapshotId=snapshot, BlockIndex=index, BlockData=block, DataLength=len(block), Checksum=digest,
                ChecksumAlgorithm="SHA256")
            written += 1
    ebs.complete_snapshot(SnapshotId=snapshot, ChangedBlocksCount=written)
    print(snapshot)


main()
