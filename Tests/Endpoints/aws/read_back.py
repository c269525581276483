"""Reads with boto3 what a restore has made, so that no code of ours vouches for itself.

Usage: read_back.py URL ACCESS_KEY SECRET COMMAND

  snapshot ID [SIZE]      the disk that a snapshot's blocks make: {"sha256", "blocks", "volumeSize"}; the SHA-256 is of
                          SIZE bytes, else of the whole volume
  machine ID              an instance with its interfaces, disks and tags, its image and the image's disks
  inventory               identifiers of all that a restore could leave behind, by kind
  object BUCKET KEY       {"sha256", "bytes"} of an object of S3
"""

import hashlib
import json
import sys

import boto3
from botocore.config import Config

BLOCK = 512 << 10
URL, KEY, SECRET, COMMAND, *REST = sys.argv[1:]


def client(service):
    return boto3.client(
        service, endpoint_url=URL, region_name="us-east-1", aws_access_key_id=KEY, aws_secret_access_key=SECRET,
        config=Config(s3={"addressing_style": "path"}))


def signed_hash(request, **_):
    """moto's check of signatures wants the body's hash as a header where there is no body."""
    request.headers["X-Amz-Content-SHA256"] = hashlib.sha256(request.body or b"").hexdigest()


def snapshot(identifier, size=None):
    ebs = client("ebs")
    for operation in ("ListSnapshotBlocks", "GetSnapshotBlock"):
        ebs.meta.events.register(f"before-sign.ebs.{operation}", signed_hash)
    blocks, token = {}, {}
    while True:
        page = ebs.list_snapshot_blocks(SnapshotId=identifier, **token)
        for block in page["Blocks"]:
            blocks[int(block["BlockIndex"])] = block["BlockToken"]
        if not page.get("NextToken"):
            break
        token = {"NextToken": page["NextToken"]}
    total = int(size or page["VolumeSize"] << 30)
    digest, zero, place = hashlib.sha256(), bytes(BLOCK), 0
    while place < total:
        index = place // BLOCK
        data = zero
        if index in blocks:
            read = ebs.get_snapshot_block(SnapshotId=identifier, BlockIndex=index, BlockToken=blocks[index])
            data = read["BlockData"].read()
            if len(data) != BLOCK:
                sys.exit(f"block {index} has {len(data)} bytes")
        digest.update(data[:min(BLOCK, total - place)])
        place += BLOCK
    return {"sha256": digest.hexdigest(), "blocks": len(blocks), "volumeSize": page["VolumeSize"]}


def tags(item):
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags", [])}


def machine(identifier):
    ec2 = client("ec2")
    instance = ec2.describe_instances(InstanceIds=[identifier])["Reservations"][0]["Instances"][0]
    disks = []
    for mapping in instance.get("BlockDeviceMappings", []):
        volume = ec2.describe_volumes(VolumeIds=[mapping["Ebs"]["VolumeId"]])["Volumes"][0]
        disks.append({
            "device": mapping["DeviceName"], "volume": volume["VolumeId"], "snapshot": volume.get("SnapshotId"),
            "sizeGiB": volume["Size"], "type": volume["VolumeType"], "iops": volume.get("Iops"),
            "throughput": volume.get("Throughput"), "state": volume["State"], "tags": tags(volume),
            "deleteOnTermination": mapping["Ebs"].get("DeleteOnTermination")})
    interfaces = [{
        "index": nic.get("Attachment", {}).get("DeviceIndex"), "subnet": nic["SubnetId"],
        "address": nic["PrivateIpAddress"], "groups": [group["GroupId"] for group in nic["Groups"]], "tags": tags(nic)}
        for nic in instance.get("NetworkInterfaces", [])]
    images = ec2.describe_images(ImageIds=[instance["ImageId"]])["Images"]
    image = {
        "name": images[0].get("Name"), "architecture": images[0].get("Architecture"),
        "bootMode": images[0].get("BootMode"), "rootDevice": images[0].get("RootDeviceName"), "tags": tags(images[0]),
        "disks": [{"device": mapping["DeviceName"], "snapshot": mapping.get("Ebs", {}).get("SnapshotId")}
                  for mapping in images[0].get("BlockDeviceMappings", [])]} if images else None
    return {
        "state": instance["State"]["Name"], "type": instance["InstanceType"], "key": instance.get("KeyName"),
        "tokens": instance.get("MetadataOptions", {}).get("HttpTokens"), "tags": tags(instance),
        "interfaces": interfaces, "disks": disks, "image": instance["ImageId"], "imageDetails": image}


def inventory():
    ec2, s3 = client("ec2"), client("s3")
    running = [
        item["InstanceId"] for reservation in ec2.describe_instances()["Reservations"]
        for item in reservation["Instances"] if item["State"]["Name"] != "terminated"]
    uploads, objects = [], []
    for bucket in s3.list_buckets().get("Buckets", []):
        name = bucket["Name"]
        uploads += [f"{name}/{item['Key']}" for item in s3.list_multipart_uploads(Bucket=name).get("Uploads", [])]
        objects += [f"{name}/{item['Key']}" for item in s3.list_objects_v2(Bucket=name).get("Contents", [])]
    return {
        "instances": sorted(running),
        "volumes": sorted(item["VolumeId"] for item in ec2.describe_volumes()["Volumes"]),
        "snapshots": sorted(item["SnapshotId"] for item in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]),
        "images": sorted(item["ImageId"] for item in ec2.describe_images(Owners=["self"])["Images"]),
        "interfaces": sorted(
            item["NetworkInterfaceId"] for item in ec2.describe_network_interfaces()["NetworkInterfaces"]),
        "groups": sorted(item["GroupId"] for item in ec2.describe_security_groups()["SecurityGroups"]),
        "uploads": sorted(uploads), "objects": sorted(objects)}


def stored(bucket, key):
    body = client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return {"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)}


print(json.dumps(
    {"snapshot": snapshot, "machine": machine, "inventory": inventory, "object": stored}[COMMAND](*REST)))
