"""Uses the strict stand-in with boto3, a client that is not ours, and checks that it does what AWS documents.

Usage: drive_standin.py URL ACCESS_KEY SECRET
Prints "ok: N checks" and ends with 0, or tells what differs and ends with 1.
"""

import base64
import hashlib
import json
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError

BLOCK = 512 << 10
URL, KEY, SECRET = sys.argv[1:4]
checks = 0


def check(holds, what):
    global checks
    checks += 1
    if not holds:
        sys.exit(f"differs: {what}")


def refused(code, call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        check(error.response["Error"]["Code"] == code, f"{call.__name__}: {error} instead of {code}")
        return error
    check(False, f"{call.__name__} succeeded instead of {code}")


def configure(**settings):
    post("/-/config", settings)


def post(path, body):
    urllib.request.urlopen(URL + path, json.dumps(body).encode()).read()


def client(service, keys=(KEY, SECRET, None)):
    once = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    return boto3.client(
        service, endpoint_url=URL, region_name="us-east-1", aws_access_key_id=keys[0], aws_secret_access_key=keys[1],
        aws_session_token=keys[2], config=once)


def sha(data):
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def put(ebs, snapshot, index, data, checksum=None, length=BLOCK):
    return ebs.put_snapshot_block(
        SnapshotId=snapshot, BlockIndex=index, BlockData=data, DataLength=length, ChecksumAlgorithm="SHA256",
        Checksum=checksum or sha(data))


def complete(ebs, snapshot, count, blocks=None):
    more = {}
    if blocks is not None:
        digests = b"".join(hashlib.sha256(block).digest() for block in blocks)
        more = {"Checksum": sha(digests), "ChecksumAlgorithm": "SHA256", "ChecksumAggregationMethod": "LINEAR"}
    return ebs.complete_snapshot(SnapshotId=snapshot, ChangedBlocksCount=count, **more)


def pages(call, name, **parameters):
    items, count = [], 0
    while True:
        answer = call(**parameters)
        items += answer[name]
        count += 1
        if not answer.get("NextToken"):
            return items, count
        parameters["NextToken"] = answer["NextToken"]


def direct():
    ebs, ec2 = client("ebs"), client("ec2")
    start = {"VolumeSize": 1, "ClientToken": "token-1", "Description": "a disk",
             "Tags": [{"Key": "job", "Value": "one"}]}
    snapshot = ebs.start_snapshot(**start)
    check(snapshot["BlockSize"] == BLOCK and snapshot["Status"] == "pending", "StartSnapshot")
    identifier = snapshot["SnapshotId"]
    check(ebs.start_snapshot(**start)["SnapshotId"] == identifier, "the same token gives the same snapshot")
    refused("ConflictException", ebs.start_snapshot, **{**start, "VolumeSize": 2})
    refused("ValidationException", ebs.start_snapshot, VolumeSize=70000)
    blocks = {index: bytes([index % 256]) * BLOCK for index in (0, 3, 700, 2047)}
    put(ebs, identifier, 3, b"x" * BLOCK)
    for index, data in blocks.items():
        put(ebs, identifier, index, data)
    error = refused("ValidationException", ebs.put_snapshot_block, SnapshotId=identifier, BlockIndex=1,
                    BlockData=b"y" * BLOCK, DataLength=BLOCK, ChecksumAlgorithm="SHA256", Checksum=sha(b"z"))
    check(error.response.get("Reason") == "INVALID_BLOCK", "a wrong checksum has its reason")
    refused("ValidationException", ebs.put_snapshot_block, SnapshotId=identifier, BlockIndex=2048,
            BlockData=b"y" * BLOCK, DataLength=BLOCK, ChecksumAlgorithm="SHA256", Checksum=sha(b"y" * BLOCK))
    refused("ValidationException", ebs.put_snapshot_block, SnapshotId=identifier, BlockIndex=1,
            BlockData=b"y", DataLength=BLOCK, ChecksumAlgorithm="SHA256", Checksum=sha(b"y"))
    refused("ResourceNotFoundException", ebs.put_snapshot_block, SnapshotId="snap-none", BlockIndex=1,
            BlockData=b"y" * BLOCK, DataLength=BLOCK, ChecksumAlgorithm="SHA256", Checksum=sha(b"y" * BLOCK))
    refused("ValidationException", ebs.list_snapshot_blocks, SnapshotId=identifier)
    refused("ValidationException", ebs.complete_snapshot, SnapshotId=identifier, ChangedBlocksCount=5)
    refused("ValidationException", ebs.complete_snapshot, SnapshotId=identifier, ChangedBlocksCount=4,
            Checksum=sha(b""), ChecksumAlgorithm="SHA256", ChecksumAggregationMethod="LINEAR")
    ordered = [blocks[index] for index in sorted(blocks)]
    check(complete(ebs, identifier, 4, ordered)["Status"] == "pending", "CompleteSnapshot is asynchronous")
    check(ec2.describe_snapshots(SnapshotIds=[identifier])["Snapshots"][0]["State"] == "pending", "pending in EC2")
    refused("ValidationException", ebs.complete_snapshot, SnapshotId=identifier, ChangedBlocksCount=4)
    ec2.get_waiter("snapshot_completed").wait(SnapshotIds=[identifier], WaiterConfig={"Delay": 1, "MaxAttempts": 5})
    refused("ValidationException", ebs.put_snapshot_block, SnapshotId=identifier, BlockIndex=1,
            BlockData=b"y" * BLOCK, DataLength=BLOCK, ChecksumAlgorithm="SHA256", Checksum=sha(b"y" * BLOCK))
    listed = ebs.list_snapshot_blocks(SnapshotId=identifier)
    check([block["BlockIndex"] for block in listed["Blocks"]] == sorted(blocks), "ListSnapshotBlocks")
    for block in listed["Blocks"]:
        read = ebs.get_snapshot_block(
            SnapshotId=identifier, BlockIndex=block["BlockIndex"], BlockToken=block["BlockToken"])
        check(read["BlockData"].read() == blocks[block["BlockIndex"]], "GetSnapshotBlock")
    child = ebs.start_snapshot(VolumeSize=2, ParentSnapshotId=identifier)["SnapshotId"]
    put(ebs, child, 3, bytes(BLOCK))
    put(ebs, child, 4000, b"n" * BLOCK)
    complete(ebs, child, 2)
    time.sleep(0.3)
    changed = ebs.list_changed_blocks(FirstSnapshotId=identifier, SecondSnapshotId=child)["ChangedBlocks"]
    check([block["BlockIndex"] for block in changed] == [3, 4000], "ListChangedBlocks")
    check("FirstBlockToken" not in changed[1], "a block of the second alone has one token")
    inherited = [block["BlockIndex"] for block in ebs.list_snapshot_blocks(SnapshotId=child)["Blocks"]]
    check(inherited == [0, 3, 700, 2047, 4000], "a child inherits blocks")
    configure(pageSize=2)
    found, count = pages(ebs.list_snapshot_blocks, "Blocks", SnapshotId=child)
    configure(pageSize=100)
    check(count == 3 and len(found) == 5, "pages of blocks")
    configure(missingFor=5)
    young = ebs.start_snapshot(VolumeSize=1)["SnapshotId"]
    error = refused("ResourceNotFoundException", ebs.put_snapshot_block, SnapshotId=young, BlockIndex=0,
                    BlockData=b"y" * BLOCK, DataLength=BLOCK, ChecksumAlgorithm="SHA256", Checksum=sha(b"y" * BLOCK))
    check(error.response.get("Reason") == "SNAPSHOT_NOT_FOUND", "404 just after the start")
    put(ebs, young, 0, b"y" * BLOCK)
    configure(missingFor=0)
    bad_tags(ebs, ec2, young)
    encryption(ebs, ec2, identifier)
    ec2.delete_snapshot(SnapshotId=young)
    again = {"VolumeSize": 1, "ClientToken": "token-2"}
    gone = ebs.start_snapshot(**again)["SnapshotId"]
    ec2.delete_snapshot(SnapshotId=gone)
    check(ebs.start_snapshot(**again)["SnapshotId"] == gone, "a token gives what was removed")
    return identifier


def bad_tags(ebs, ec2, snapshot):
    def tags(*keys):
        return [{"Key": key, "Value": "v"} for key in keys]

    many = tags(*(f"key{number}" for number in range(51)))
    for wrong in (tags("Name", "Name"), tags("aws:own"), many, tags("k" * 128)):
        error = refused("ValidationException", ebs.start_snapshot, VolumeSize=1, Tags=wrong)
        check(error.response.get("Reason") == "INVALID_TAG", "a tag that is refused has its reason")
    refused("InvalidParameterValue", ec2.create_tags, Resources=[snapshot], Tags=tags("Name", "Name"))
    refused("InvalidParameterValue", ec2.create_tags, Resources=[snapshot], Tags=tags("AWS:own"))
    refused("TagLimitExceeded", ec2.create_tags, Resources=[snapshot], Tags=many)
    volume = {"AvailabilityZone": "us-east-1a", "Size": 1}
    refused("InvalidParameterValue", ec2.create_volume, **volume, TagSpecifications=[
        {"ResourceType": "volume", "Tags": tags("Name", "Name")}])


def encryption(ebs, ec2, plain):
    def key(identifier):
        return ec2.describe_snapshots(SnapshotIds=[identifier])["Snapshots"][0].get("KmsKeyId")

    check(key(plain) is None, "nothing is encrypted that nobody encrypts")
    configure(encryptsByDefault=True)
    first = ebs.start_snapshot(VolumeSize=1)["SnapshotId"]
    own = key(first)
    check(own is not None and own.startswith("arn:aws:kms:"), "the account's own key")
    refused("ValidationException", ebs.start_snapshot, VolumeSize=1, ParentSnapshotId=plain)
    configure(encryptsByDefault=False)
    complete(ebs, first, 0)
    time.sleep(0.3)
    child = ebs.start_snapshot(VolumeSize=1, ParentSnapshotId=first)["SnapshotId"]
    check(key(child) == own, "a child is encrypted as its parent is")


def machines(snapshot):
    ec2 = client("ec2")
    mapping = [{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot, "VolumeType": "gp3", "VolumeSize": 1}}]
    image = {"Name": "restored one", "Architecture": "x86_64", "VirtualizationType": "hvm", "EnaSupport": True,
             "RootDeviceName": "/dev/xvda", "BlockDeviceMappings": mapping, "BootMode": "uefi",
             "TagSpecifications": [{"ResourceType": "image", "Tags": [{"Key": "job", "Value": "one"}]}]}
    identifier = ec2.register_image(**image)["ImageId"]
    refused("InvalidAMIName.Duplicate", ec2.register_image, **image)
    plain = {name: value for name, value in image.items() if name != "VirtualizationType"}
    refused("InvalidParameterCombination", ec2.register_image, **{**plain, "Name": "restored two"})
    seen = ec2.describe_images(ImageIds=[identifier])["Images"][0]
    check(seen["BootMode"] == "uefi" and seen["RootDeviceName"] == "/dev/xvda", "RegisterImage is remembered")
    check(seen["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"] == snapshot, "the image has its snapshot")
    check(seen["Tags"] == [{"Key": "job", "Value": "one"}], "the image has its tags")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    run = {"ImageId": identifier, "MinCount": 1, "MaxCount": 1, "InstanceType": "t3.small", "ClientToken": "run-1",
           "NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": subnet}]}
    refused("DryRunOperation", ec2.run_instances, **run, DryRun=True)
    refused("InvalidParameterCombination", ec2.run_instances, **run, SubnetId=subnet)
    first = ec2.run_instances(**run)["Instances"][0]["InstanceId"]
    check(ec2.run_instances(**run)["Instances"][0]["InstanceId"] == first, "the same token gives the same instance")
    refused("IdempotentParameterMismatch", ec2.run_instances, **{**run, "InstanceType": "t3.medium"})
    refused("InvalidSnapshot.InUse", ec2.delete_snapshot, SnapshotId=snapshot)
    refused("InvalidKeyPair.NotFound", ec2.run_instances, **{**run, "ClientToken": "run-2", "KeyName": "none"})
    some = [{"Name": "instance-type", "Values": ["m5.*", "c5.*", "t3.*"]}]
    types, count = pages(ec2.describe_instance_types, "InstanceTypes", MaxResults=10, Filters=some)
    check(count > 2 and len({kind["InstanceType"] for kind in types}) == len(types) > 20, "pages of types")
    ec2.terminate_instances(InstanceIds=[first])
    refused("IdempotentInstanceTerminated", ec2.run_instances, **run)
    configure(forgetsTerminated=True)
    check(first not in str(ec2.describe_instances()), "an instance that has ended is forgotten")
    configure(forgetsTerminated=False, launchFails=1)
    failed = ec2.run_instances(**{**run, "ClientToken": "run-3"})["Instances"][0]["InstanceId"]
    ended = ec2.describe_instances(InstanceIds=[failed])["Reservations"][0]["Instances"][0]
    check(ended["State"]["Name"] == "terminated", "an instance without room ends")
    check(ended["StateReason"]["Code"] == "Server.InsufficientInstanceCapacity", "and says why")
    ec2.deregister_image(ImageId=identifier)
    ec2.delete_snapshot(SnapshotId=snapshot)


def imports():
    s3, ec2 = client("s3"), client("ec2")
    s3.create_bucket(Bucket="imports")
    upload = s3.create_multipart_upload(Bucket="imports", Key="disk.raw")["UploadId"]
    parts = []
    for number, data in ((1, b"a" * (5 << 20)), (2, b"b" * 100)):
        answer = s3.upload_part(
            Bucket="imports", Key="disk.raw", UploadId=upload, PartNumber=number, Body=data,
            ContentMD5=base64.b64encode(hashlib.md5(data).digest()).decode())
        parts.append({"PartNumber": number, "ETag": answer["ETag"]})
    refused("BadDigest", s3.upload_part, Bucket="imports", Key="disk.raw", UploadId=upload, PartNumber=3, Body=b"c",
            ContentMD5=base64.b64encode(hashlib.md5(b"d").digest()).decode())
    s3.complete_multipart_upload(
        Bucket="imports", Key="disk.raw", UploadId=upload, MultipartUpload={"Parts": parts})
    container = {"Format": "RAW", "UserBucket": {"S3Bucket": "imports", "S3Key": "disk.raw"}}
    given = {"DiskContainer": container, "ClientToken": "import-1", "RoleName": "vmimport"}
    task = ec2.import_snapshot(**given)["ImportTaskId"]
    check(ec2.import_snapshot(**given)["ImportTaskId"] == task, "the same token gives the same task")
    refused("IdempotentParameterMismatch", ec2.import_snapshot, **given, Description="another")
    ec2.get_waiter("snapshot_imported").wait(ImportTaskIds=[task], WaiterConfig={"Delay": 0, "MaxAttempts": 9})
    done = ec2.describe_import_snapshot_tasks(ImportTaskIds=[task])["ImportSnapshotTasks"][0]["SnapshotTaskDetail"]
    snapshot = ec2.describe_snapshots(SnapshotIds=[done["SnapshotId"]])["Snapshots"][0]
    check(done["DiskImageSize"] == (5 << 20) + 100 and snapshot["VolumeSize"] == 1, "the imported snapshot")
    configure(importFails="ClientError: Disk validation failed")
    task = ec2.import_snapshot(DiskContainer=container)["ImportTaskId"]
    try:
        ec2.get_waiter("snapshot_imported").wait(ImportTaskIds=[task], WaiterConfig={"Delay": 0, "MaxAttempts": 9})
        check(False, "a task that fails")
    except WaiterError as error:
        check("terminal failure" in str(error), f"a task that fails: {error}")
    configure(importFails=None)
    task = ec2.import_image(
        DiskContainers=[{"SnapshotId": done["SnapshotId"]}], Platform="Windows", LicenseType="AWS")["ImportTaskId"]
    for _ in range(5):
        state = ec2.describe_import_image_tasks(ImportTaskIds=[task])["ImportImageTasks"][0]
    check(state["Status"] == "completed" and state["ImageId"].startswith("ami-"), "ImportImage of a snapshot")
    image = ec2.describe_images(ImageIds=[state["ImageId"]])["Images"][0]
    check(image["PlatformDetails"] == "Windows", "an imported image has its licence")
    copy = image["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
    check(copy != done["SnapshotId"], "an imported image has a snapshot of its own")
    mapping = [{"DeviceName": image["RootDeviceName"], "Ebs": {"VolumeType": "gp3"}}]
    instance = ec2.run_instances(
        ImageId=state["ImageId"], MinCount=1, MaxCount=1, InstanceType="m5.large",
        BlockDeviceMappings=mapping)["Instances"][0]["InstanceId"]
    volume = ec2.describe_volumes(
        Filters=[{"Name": "attachment.instance-id", "Values": [instance]}])["Volumes"]
    check([(item["SnapshotId"], item["VolumeType"]) for item in volume] == [(copy, "gp3")], "disks of an image")
    ec2.terminate_instances(InstanceIds=[instance])
    refused("InvalidParameter", ec2.import_snapshot, DiskContainer={
        **container, "UserBucket": {"S3Bucket": "imports", "S3Key": "none"}})
    images(s3, ec2)
    task = ec2.import_snapshot(DiskContainer=container)["ImportTaskId"]
    check(ec2.cancel_import_task(ImportTaskId=task)["State"] == "deleted", "CancelImportTask")


def images(s3, ec2):
    """An image that qemu-img makes becomes a snapshot with the same blocks; of another kind it does not."""
    disk = bytearray(3 << 20)
    disk[BLOCK:BLOCK + 9] = b"some data"
    with tempfile.TemporaryDirectory() as folder:
        raw, vmdk = f"{folder}/disk.raw", f"{folder}/disk.vmdk"
        with open(raw, "wb") as file:
            file.write(disk)
        for subformat in ("streamOptimized", "monolithicSparse"):
            subprocess.run(
                ["qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", f"subformat={subformat}", raw, vmdk],
                check=True)
            s3.upload_file(vmdk, "imports", subformat)
    task = {"UserBucket": {"S3Bucket": "imports", "S3Key": "streamOptimized"}, "Format": "VMDK"}
    tags = [{"ResourceType": "import-snapshot-task", "Tags": [{"Key": "job", "Value": "seven"}]}]
    identifier = ec2.import_snapshot(DiskContainer=task, TagSpecifications=tags)["ImportTaskId"]
    ec2.get_waiter("snapshot_imported").wait(ImportTaskIds=[identifier], WaiterConfig={"Delay": 0, "MaxAttempts": 9})

    def marked():
        rule = [{"Name": "tag:job", "Values": ["seven"]}]
        return ec2.describe_import_snapshot_tasks(Filters=rule)["ImportSnapshotTasks"]

    check([task["ImportTaskId"] for task in marked()] == [identifier], "a task is found by its tag")
    snapshot = marked()[0]["SnapshotTaskDetail"]["SnapshotId"]
    ebs = client("ebs")
    found = ebs.list_snapshot_blocks(SnapshotId=snapshot)["Blocks"]
    check([block["BlockIndex"] for block in found] == [1], "the blocks of an imported snapshot")
    data = ebs.get_snapshot_block(SnapshotId=snapshot, BlockIndex=1, BlockToken=found[0]["BlockToken"])["BlockData"]
    check(data.read() == disk[BLOCK:2 * BLOCK], "a block of an imported snapshot")
    ec2.delete_tags(Resources=[identifier], Tags=[{"Key": "job"}])
    check(marked() == [], "the tag of a task is taken off")
    task["UserBucket"]["S3Key"] = "monolithicSparse"
    identifier = ec2.import_snapshot(DiskContainer=task)["ImportTaskId"]
    for _ in range(6):
        state = ec2.describe_import_snapshot_tasks(ImportTaskIds=[identifier])["ImportSnapshotTasks"][0]
    detail = state["SnapshotTaskDetail"]
    check(detail["Status"] == "error" and "Unsupported VMDK" in detail["StatusMessage"], "another kind of VMDK")
    configure(vmimport=False)
    refused("InvalidParameter", ec2.import_snapshot, DiskContainer=task)
    configure(vmimport=True)


def logins():
    portal = boto3.client("sso", endpoint_url=URL, region_name="us-east-1")
    asked = {"roleName": "restore", "accountId": "123456789012"}
    keys = portal.get_role_credentials(**asked, accessToken="a-login")["roleCredentials"]
    session = (keys["accessKeyId"], keys["secretAccessKey"], keys["sessionToken"])
    check(client("sts", session).get_caller_identity()["Account"] == "123456789012", "keys of a login")
    check(keys["expiration"] / 1000 > time.time(), "the end of a login's keys")
    refused("UnauthorizedException", portal.get_role_credentials, **asked, accessToken="another")
    refused("ForbiddenException", portal.get_role_credentials, accessToken="a-login", accountId="1", roleName="none")


def identities():
    sts = client("sts")
    check(sts.get_caller_identity()["Account"] == "123456789012", "GetCallerIdentity")
    refused("AuthFailure", client("ec2", (KEY, "wrong", None)).describe_regions)
    refused("AuthFailure", client("ec2", ("AKIAUNKNOWN", "wrong", None)).describe_regions)
    refused("InvalidSignatureException", client("ebs", (KEY, "wrong", None)).start_snapshot, VolumeSize=1)
    refused("SignatureDoesNotMatch", client("s3", (KEY, "wrong", None)).list_buckets)
    # Long enough for what comes before its end on a busy computer.
    configure(externalId="secret-of-the-customer", sessionSeconds=8)
    role = {"RoleArn": "arn:aws:iam::123456789012:role/restore", "RoleSessionName": "test"}
    refused("AccessDenied", sts.assume_role, **role)
    keys = sts.assume_role(**role, ExternalId="secret-of-the-customer")["Credentials"]
    session = (keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    client("ec2", session).describe_regions()
    refused("InvalidClientTokenId", client("sts", session[:2] + ("other",)).get_caller_identity)
    time.sleep(max(0, keys["Expiration"].timestamp() - time.time()) + 1)
    refused("RequestExpired", client("ec2", session).describe_regions)
    refused("ExpiredToken", client("s3", session).list_buckets)
    configure(externalId=None, sessionSeconds=3600, clockOffset=1200)
    refused("RequestExpired", client("ec2").describe_regions)
    configure(clockOffset=0)


def prices():
    pricing = client("pricing")
    rules = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in {
        "regionCode": "us-east-1", "operatingSystem": "Linux", "tenancy": "Shared"}.items()]
    configure(pageSize=3)
    found, count = pages(pricing.get_products, "PriceList", ServiceCode="AmazonEC2", Filters=rules)
    configure(pageSize=100)
    check(count == 4 and len(found) == 11, "pages of prices")
    term = next(iter(json.loads(found[0])["terms"]["OnDemand"].values()))
    check(next(iter(term["priceDimensions"].values()))["pricePerUnit"]["USD"] == "0.0188000000", "a price")
    configure(priceFactor=2)
    found = pricing.get_products(ServiceCode="AmazonEC2", Filters=rules)["PriceList"]
    check('"USD": "0.0376000000"' in found[0], "a dearer price")
    configure(priceFactor=1)
    standard = [{"Type": "TERM_MATCH", "Field": "volumeType", "Value": "Standard"}]
    found = pricing.get_products(ServiceCode="AmazonS3", Filters=standard)["PriceList"]
    check(len(found) == 2, "prices of another service")


def faults():
    ebs = client("ebs")
    post("/-/rules", [{"match": "ebs.StartSnapshot", "action": "error", "status": 400,
                       "code": "RequestThrottledException", "reason": "ACCOUNT_THROTTLED"}])
    refused("RequestThrottledException", ebs.start_snapshot, VolumeSize=1)
    ebs.start_snapshot(VolumeSize=1)
    for action in ("reset", "truncate"):
        post("/-/rules", [{"match": "ebs.StartSnapshot", "action": action}])
        try:
            ebs.start_snapshot(VolumeSize=1)
            check(False, action)
        except Exception as error:
            check(not isinstance(error, ClientError), f"{action}: {error}")
    post("/-/rules", [])


def main():
    snapshot = direct()
    machines(snapshot)
    imports()
    identities()
    logins()
    prices()
    faults()
    print(f"ok: {checks} checks")


main()
