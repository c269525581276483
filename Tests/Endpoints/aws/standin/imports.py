"""Import tasks: from S3, or from a snapshot, to a snapshot or an image."""

import secrets

from . import images
from .state import Refusal


def document(action, members):
    from .ec2 import element
    inner = "".join(element(name, value) for name, value in members.items())
    return (
        f'<{action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r-1</requestId>{inner}'
        f"</{action}Response>")


class Imports:
    """A task is active for `importPolls` describes; then it has its snapshot or image, or failed."""

    def __init__(self, state, ec2):
        self.state, self.ec2 = state, ec2
        self.tasks = {}
        self.actions = {
            "ImportSnapshot": self.snapshot, "DescribeImportSnapshotTasks": self.describe_snapshots,
            "ImportImage": self.image, "DescribeImportImageTasks": self.describe_images,
            "CancelImportTask": self.cancel}

    def stored(self, bucket, key):
        """An object; the bucket and key must be there."""
        from moto.core import DEFAULT_ACCOUNT_ID
        from moto.s3.models import s3_backends
        backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
        if bucket not in backend.buckets or key not in backend.buckets[bucket].keys:
            raise Refusal(400, "InvalidParameter", f"The given S3 object is not accessible: {bucket}/{key}")
        return backend.buckets[bucket].keys[key]

    def check_role(self):
        if not self.state["vmimport"]:
            raise Refusal(
                400, "InvalidParameter",
                "The service role vmimport provided does not exist or does not have sufficient permissions")

    def tag(self, form, adds):
        """CreateTags and DeleteTags for tasks; None where it is about something else."""
        named = [value for name, value in form.items() if name.startswith("ResourceId.")]
        if not named or not all(name in self.tasks for name in named):
            return None
        from .ec2 import listed
        given = listed(form, "Tag")
        keys = {tag["Key"] for tag in given}
        for name in named:
            kept = [tag for tag in self.tasks[name]["tags"] if tag["Key"] not in keys]
            added = [{"Key": tag["Key"], "Value": tag.get("Value", "")} for tag in given] if adds else []
            self.tasks[name]["tags"] = kept + added
        return document("CreateTags" if adds else "DeleteTags", {"return": "true"})

    def source(self, form, prefix):
        """Where a disk comes from: (bucket, key, bytes)."""
        bucket, key = form.get(f"{prefix}.UserBucket.S3Bucket"), form.get(f"{prefix}.UserBucket.S3Key")
        if not bucket or not key:
            raise Refusal(400, "MissingParameter", "a bucket and key are missing")
        kind = form.get(f"{prefix}.Format", "").upper()
        if kind not in ("RAW", "VMDK", "VHD", "VHDX", "OVA"):
            raise Refusal(400, "InvalidParameter", f"the format '{kind}' is not supported")
        return bucket, key, kind, self.stored(bucket, key).size

    # Snapshots

    def snapshot(self, form):
        from .ec2 import tags
        self.check_role()
        bucket, key, kind, size = self.source(form, "DiskContainer")
        identifier = "import-snap-" + secrets.token_hex(8)
        self.tasks[identifier] = {
            "kind": "snapshot", "polls": 0, "status": "active", "message": "pending", "bucket": bucket, "key": key,
            "format": kind, "bytes": size, "description": form.get("Description"), "snapshot": None,
            "tags": tags(form, "import-snapshot-task")}
        return document("ImportSnapshot", self.snapshot_members(identifier))

    def snapshot_members(self, identifier):
        task = self.tasks[identifier]
        return {
            "description": task["description"], "importTaskId": identifier, "snapshotTaskDetail": {
                "description": task["description"], "diskImageSize": float(task["bytes"]), "format": task["format"],
                "progress": None if task["status"] != "active" else min(99, 30 * task["polls"]),
                "snapshotId": task["snapshot"], "status": task["status"], "statusMessage": task["message"],
                "userBucket": {"s3Bucket": task["bucket"], "s3Key": task["key"]}},
            "tagSet": [{"key": tag["Key"], "value": tag["Value"]} for tag in task["tags"]]}

    def advance(self, task):
        if task["status"] != "active":
            return
        task["polls"] += 1
        task["message"] = "downloading/converting"
        if task["polls"] <= self.state["importPolls"]:
            return
        if self.state["importFails"]:
            task["status"] = "error" if task["kind"] == "snapshot" else "deleted"
            task["message"] = self.state["importFails"]
            return
        try:
            if task["kind"] == "snapshot":
                task["snapshot"] = self.imported_snapshot(task)
            else:
                task["image"] = self.imported_image(task)
            task["status"], task["message"] = "completed", None
        except images.Unreadable as error:
            task["status"], task["message"] = "error", f"ClientError: Disk validation failed [{error}]"

    def imported_snapshot(self, task):
        """What the object holds, as a snapshot whose blocks can be read."""
        stored = self.stored(task["bucket"], task["key"])
        size, blocks = images.blocks(stored.value, task["format"])
        return self.ec2.filled_snapshot(max(1, -(-size >> 30)), "Created by AWS-VMImport", blocks).id

    def imported_image(self, task):
        """An image with a copy of each snapshot: the service changes what it boots."""
        mappings = []
        for number, identifier in enumerate(task["snapshots"]):
            copy = self.ec2.copied_snapshot(identifier, "Created by AWS-VMImport")
            device = "/dev/sda1" if number == 0 else f"xvd{chr(ord('e') + number)}"
            mappings.append({"DeviceName": device, "Ebs": {
                "SnapshotId": copy.id, "VolumeSize": copy.volume_size, "VolumeType": "gp2",
                "DeleteOnTermination": False}})
        platform = "Windows" if task["platform"] == "Windows" and task["license"] == "AWS" else "Linux/UNIX"
        return self.ec2.new_image(
            f"import-{secrets.token_hex(6)}", task["description"], mappings, task["boot"], platform)

    def chosen(self, form, kind):
        named = [value for name, value in form.items() if name.startswith("ImportTaskId.")]
        for identifier in named:
            if self.tasks.get(identifier, {}).get("kind") != kind:
                raise Refusal(400, "InvalidConversionTaskId.NotFound", f"there is no task {identifier}")
        found = named or [name for name, task in self.tasks.items() if task["kind"] == kind]
        rule, value = form.get("Filters.1.Name", ""), form.get("Filters.1.Value.1")
        if rule.startswith("tag:"):
            tag = {"Key": rule[4:], "Value": value}
            return [name for name in found if tag in self.tasks[name]["tags"]]
        return found

    def describe_snapshots(self, form):
        chosen = self.chosen(form, "snapshot")
        for identifier in chosen:
            self.advance(self.tasks[identifier])
        members = [self.snapshot_members(identifier) for identifier in chosen]
        return document("DescribeImportSnapshotTasks", {"importSnapshotTaskSet": members})

    # Images

    def image(self, form):
        from .ec2 import listed, tags
        self.check_role()
        containers = listed(form, "DiskContainer")
        if not containers:
            raise Refusal(400, "MissingParameter", "there is no disk")
        for number, container in enumerate(containers, 1):
            identifier = container.get("SnapshotId")
            if identifier is None:
                self.source(form, f"DiskContainer.{number}")
            elif self.ec2.backend.snapshots.get(identifier) is None:
                raise Refusal(400, "InvalidSnapshot.NotFound", f"The snapshot '{identifier}' does not exist.")
        if form.get("BootMode") == "uefi-preferred" or form.get("LicenseType") and form.get("UsageOperation"):
            raise Refusal(400, "InvalidParameterCombination", "the boot mode, or two statements of the licence")
        if form.get("BootMode") == "uefi" and not form.get("Platform"):
            raise Refusal(400, "MissingParameter", "UEFI needs the platform")
        identifier = "import-ami-" + secrets.token_hex(8)
        self.tasks[identifier] = {
            "kind": "image", "polls": 0, "status": "active", "message": "pending", "image": None,
            "description": form.get("Description"), "platform": form.get("Platform"),
            "license": form.get("LicenseType"), "boot": form.get("BootMode"),
            "snapshots": [container["SnapshotId"] for container in containers if "SnapshotId" in container],
            "tags": tags(form, "import-image-task")}
        return document("ImportImage", self.image_members(identifier))

    def image_members(self, identifier):
        task = self.tasks[identifier]
        return {
            "importTaskId": identifier, "description": task["description"], "platform": task["platform"],
            "licenseType": task["license"], "bootMode": task["boot"], "imageId": task["image"],
            "progress": None if task["status"] != "active" else min(99, 30 * task["polls"]),
            "status": task["status"], "statusMessage": task["message"],
            "tagSet": [{"key": tag["Key"], "value": tag["Value"]} for tag in task["tags"]]}

    def describe_images(self, form):
        chosen = self.chosen(form, "image")
        for identifier in chosen:
            self.advance(self.tasks[identifier])
        members = [self.image_members(identifier) for identifier in chosen]
        return document("DescribeImportImageTasks", {"importImageTaskSet": members})

    def cancel(self, form):
        task = self.tasks.get(form.get("ImportTaskId"))
        if task is None:
            raise Refusal(400, "InvalidConversionTaskId.NotFound", "there is no such task")
        before = task["status"]
        if before == "completed":
            raise Refusal(400, "InvalidConversionTaskId", "the task is completed")
        task["status"] = "deleted"
        return document("CancelImportTask", {
            "importTaskId": form["ImportTaskId"], "previousState": before, "state": "deleted"})
