"""EC2: moto's, with what it leaves out."""

import datetime
import hashlib
import re
from urllib.parse import urlencode
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from moto.core import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends
from moto.ec2.models.amis import Ami
from moto.ec2.models.instances import StateReason

from .imports import Imports
from .state import Refusal, check_tags

XML = [("Content-Type", "text/xml;charset=UTF-8")]
# Actions whose answers come in pages, and the element that holds the list.
PAGED = {
    "DescribeInstanceTypes": "instanceTypeSet", "DescribeInstanceTypeOfferings": "instanceTypeOfferingSet",
    "DescribeSubnets": "subnetSet", "DescribeSecurityGroups": "securityGroupInfo", "DescribeVpcs": "vpcSet",
    "DescribeSnapshots": "snapshotSet", "DescribeImages": "imagesSet", "DescribeInstances": "reservationSet",
    "DescribeVolumes": "volumeSet", "DescribeNetworkInterfaces": "networkInterfaceSet",
}
# Why an instance that was launched is ended at once.
NO_ROOM = "Server.InsufficientInstanceCapacity"
TOKENED = {"RunInstances", "CreateVolume", "ImportSnapshot", "ImportImage"}


class RegisteredImage(Ami):
    """An image that has the disks it was registered or imported with."""

    mappings = []
    # Whose licence comes with it; moto tells it where it is there.
    platform_details = None

    @property
    def block_device_mappings(self):
        return self.mappings


def listed(form, prefix):
    """The members of a list of structures: `prefix.1.Name` and so on, as dictionaries."""
    members = {}
    for name, value in form.items():
        match = re.fullmatch(re.escape(prefix) + r"\.(\d+)\.(.+)", name)
        if match:
            members.setdefault(int(match.group(1)), {})[match.group(2)] = value
    return [members[number] for number in sorted(members)]


def tags(form, kind):
    found = []
    for specification in listed(form, "TagSpecification"):
        if specification.get("ResourceType") == kind:
            found += [{"Key": tag["Key"], "Value": tag.get("Value", "")} for tag in listed(specification, "Tag")]
    return found


class EC2:
    def __init__(self, state, moto, region):
        self.state, self.moto = state, moto
        self.backend = ec2_backends[DEFAULT_ACCOUNT_ID][region]
        self.region = region
        self.ebs = None
        self.tokens = {}
        self.types = {}
        self.imports = Imports(state, self)

    def handle(self, request):
        with self.state.lock:
            self.follow_states()
            self.check_tags(request.form)
            return self.once(request)

    @staticmethod
    def check_tags(form):
        """Of each kind of resource that is made, and of those that CreateTags names."""
        def refuse(why):
            return Refusal(400, "TagLimitExceeded" if "50" in why else "InvalidParameterValue", why)

        for specification in [*listed(form, "TagSpecification"), form]:
            check_tags([tag.get("Key", "") for tag in listed(specification, "Tag")], refuse)

    def follow_states(self):
        for snapshot in self.ebs.snapshots.values():
            if snapshot.moto.status == "pending":
                snapshot.moto.status = snapshot.status

    def once(self, request):
        """A client token that comes again gets the first answer; with other parameters, none."""
        form = request.form
        token = form.get("ClientToken")
        if form.get("DryRun") == "true" or token is None or request.operation not in TOKENED:
            return self.perform(request)
        said = hashlib.sha256(repr(sorted(form.items())).encode()).hexdigest()
        if (request.operation, token) in self.tokens:
            before, answer = self.tokens[request.operation, token]
            if before != said:
                raise Refusal(400, "IdempotentParameterMismatch", "the token was used with other parameters")
            if request.operation == "RunInstances" and not self.lives(answer[1]):
                raise Refusal(400, "IdempotentInstanceTerminated", "the instance of this token has been terminated")
            return answer
        answer = self.perform(request)
        if answer[0] == 200:
            self.tokens[request.operation, token] = (said, answer)
        return answer

    def perform(self, request):
        action, form = request.operation, request.form
        own = self.imports.actions.get(action)
        if own:
            if form.get("DryRun") == "true":
                raise Refusal(412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
            return 200, own(form), XML
        if action == "RegisterImage":
            return self.register(request)
        if action == "DeleteSnapshot" and form.get("DryRun") != "true":
            return self.delete_snapshot(request)
        if action in ("CreateTags", "DeleteTags") and form.get("DryRun") != "true":
            tagged = self.imports.tag(form, action == "CreateTags")
            if tagged:
                return 200, tagged, XML
        if action == "RunInstances":
            self.check_run(form)
            request.body = self.with_image_disks(form)
        if action == "DescribeInstances" and self.state["forgetsTerminated"]:
            self.forget_terminated()
        answer = self.known_types(request) if action == "DescribeInstanceTypes" else self.moto(request)
        if action == "RunInstances" and answer[0] == 200 and self.state["launchFails"] > 0:
            self.end_at_once(answer[1])
        return self.page(request, answer) if action in PAGED and answer[0] == 200 else answer

    # Instances that end

    def instances(self, body):
        """Those that an answer of RunInstances names, as far as they are remembered."""
        names = {name.decode() for name in re.findall(rb"<instanceId>([^<]+)", body)}
        return [
            instance for reservation in self.backend.reservations.values() for instance in reservation.instances
            if instance.id in names]

    def lives(self, body):
        return any(instance.state != "terminated" for instance in self.instances(body))

    def end_at_once(self, body):
        self.state.configure({"launchFails": self.state["launchFails"] - 1})
        for instance in self.instances(body):
            self.backend.terminate_instances([instance.id])
            instance.state_reason = StateReason("There is no room for this instance.", NO_ROOM)

    def forget_terminated(self):
        for reservation in self.backend.reservations.values():
            reservation.instances = [item for item in reservation.instances if item.state != "terminated"]
        empty = [name for name, item in self.backend.reservations.items() if not item.instances]
        for name in empty:
            del self.backend.reservations[name]

    def known_types(self, request):
        """moto takes seconds for them all, whatever page is asked for, and they never change."""
        said = {name: value for name, value in request.form.items() if name not in ("MaxResults", "NextToken")}
        key = repr(sorted(said.items()))
        if key not in self.types:
            self.types[key] = self.moto(request)
        return self.types[key]

    # Snapshots

    def new_snapshot(self, size, description, tags, status):
        """One of moto's, so that its volumes and images know it."""
        volume = self.backend.create_volume(size=size, zone_name=self.region + "a")
        snapshot = self.backend.create_snapshot(volume.id, description)
        del self.backend.volumes[volume.id]
        snapshot.status = status
        snapshot.start_time += datetime.timedelta(seconds=self.state["clockOffset"])
        if tags:
            snapshot.add_tags({tag["Key"]: tag.get("Value", "") for tag in tags})
        return snapshot

    def filled_snapshot(self, size, description, blocks):
        """A completed one whose blocks EBS direct can read."""
        snapshot = self.new_snapshot(size, description, [], "completed")
        self.ebs.fill(snapshot, size, blocks)
        return snapshot

    def copied_snapshot(self, identifier, description):
        before = self.backend.snapshots[identifier]
        snapshot = self.new_snapshot(before.volume_size, description, [], "completed")
        self.ebs.copy(snapshot, identifier)
        return snapshot

    def delete_snapshot(self, request):
        identifier = request.form.get("SnapshotId", "")
        for image in self.backend.amis.values():
            if any(mapping["Ebs"].get("SnapshotId") == identifier for mapping in image.block_device_mappings):
                raise Refusal(400, "InvalidSnapshot.InUse", f"{identifier} is in use by {image.id}")
        answer = self.moto(request)
        if answer[0] == 200:
            self.ebs.snapshots.pop(identifier, None)
        return answer

    def check_snapshots(self, form):
        for mapping in listed(form, "BlockDeviceMapping"):
            identifier = mapping.get("Ebs.SnapshotId")
            if identifier is None:
                continue
            snapshot = self.backend.snapshots.get(identifier)
            if snapshot is None:
                raise Refusal(400, "InvalidSnapshot.NotFound", f"The snapshot '{identifier}' does not exist.")
            if snapshot.status != "completed":
                raise Refusal(400, "IncorrectState", f"{identifier} is {snapshot.status}")
            if "Ebs.Encrypted" in mapping:
                raise Refusal(400, "InvalidParameterCombination", "Encrypted cannot be given with a snapshot")
            if int(mapping.get("Ebs.VolumeSize", snapshot.volume_size)) < snapshot.volume_size:
                raise Refusal(400, "InvalidBlockDeviceMapping", "the volume is smaller than its snapshot")

    # Images and instances

    def register(self, request):
        form = request.form
        name = form.get("Name", "")
        if not re.fullmatch(r"[A-Za-z0-9()\[\] ./\-'@_]{3,128}", name):
            raise Refusal(400, "InvalidAMIName.Malformed", "AMI names must be between 3 and 128 characters long")
        if any(image.name == name for image in self.backend.amis.values()):
            raise Refusal(400, "InvalidAMIName.Duplicate", f"AMI name {name} is already in use")
        if form.get("VirtualizationType") != "hvm" or form.get("Architecture") not in ("x86_64", "arm64"):
            raise Refusal(400, "InvalidParameterCombination", "it would be a paravirtual image of i386")
        if form.get("TpmSupport") and form.get("BootMode") != "uefi":
            raise Refusal(400, "InvalidParameterCombination", "a TPM needs the boot mode uefi")
        mappings = listed(form, "BlockDeviceMapping")
        if form.get("RootDeviceName") not in [mapping.get("DeviceName") for mapping in mappings]:
            raise Refusal(400, "InvalidBlockDeviceMapping", "the root device has no mapping")
        self.check_snapshots(form)
        answer = self.moto(request)
        identifier = re.search(rb"<imageId>([^<]+)", answer[1])
        if answer[0] != 200 or not identifier:
            return answer
        image = self.backend.amis[identifier.group(1).decode()]
        del self.backend.snapshots[image.ebs_snapshot.id]
        image.__class__ = RegisteredImage
        image.architecture, image.virtualization_type = form["Architecture"], "hvm"
        image.boot_mode, image.root_device_name = form.get("BootMode", "legacy-bios"), form["RootDeviceName"]
        image.mappings = [
            {"DeviceName": mapping["DeviceName"], "Ebs": {
                "SnapshotId": mapping.get("Ebs.SnapshotId"),
                "VolumeSize": int(mapping.get("Ebs.VolumeSize") or self.size(mapping)),
                "VolumeType": mapping.get("Ebs.VolumeType", "gp2"),
                "DeleteOnTermination": mapping.get("Ebs.DeleteOnTermination", "true") == "true"}}
            for mapping in mappings]
        image.add_tags({tag["Key"]: tag["Value"] for tag in tags(form, "image")})
        return answer

    def new_image(self, name, description, mappings, boot, platform):
        """The id of an image that the service has made."""
        image = self.backend.register_image(name, description)
        self.backend.snapshots.pop(image.ebs_snapshot.id, None)
        image.__class__ = RegisteredImage
        image.architecture, image.virtualization_type = "x86_64", "hvm"
        image.boot_mode, image.root_device_name = boot or "legacy-bios", mappings[0]["DeviceName"]
        image.mappings, image.platform_details = mappings, platform
        return image.id

    def with_image_disks(self, form):
        """The form as moto understands it: disks of the image that it does not name, and snapshots of those it does."""
        image = self.backend.amis.get(form.get("ImageId", ""))
        given = {mapping["DeviceName"]: mapping for mapping in listed(form, "BlockDeviceMapping")}
        for mapping in getattr(image, "mappings", []):
            ebs = {f"Ebs.{name}": str(value).lower() if isinstance(value, bool) else str(value)
                   for name, value in mapping["Ebs"].items() if value is not None}
            device = mapping["DeviceName"]
            given[device] = {"DeviceName": device, **ebs, **given.get(device, {})}
        said = {name: value for name, value in form.items() if not name.startswith("BlockDeviceMapping.")}
        for number, mapping in enumerate(given.values(), 1):
            said |= {f"BlockDeviceMapping.{number}.{name}": value for name, value in mapping.items()}
        return urlencode(said).encode()

    def size(self, mapping):
        return self.backend.snapshots[mapping["Ebs.SnapshotId"]].volume_size

    def check_run(self, form):
        if len(form.get("ClientToken", "")) > 64:
            raise Refusal(400, "InvalidParameterValue", "a client token has up to 64 characters")
        interfaces = listed(form, "NetworkInterface")
        outside = [name for name in form if name == "SubnetId" or name.startswith("SecurityGroupId")]
        if interfaces and outside:
            raise Refusal(
                400, "InvalidParameterCombination",
                "Network interfaces and an instance-level subnet or security groups may not be specified together")
        self.check_snapshots(form)

    # Pages

    def page(self, request, answer):
        """The part of moto's whole answer that a page holds."""
        status, body, headers = answer
        form = request.form
        if "MaxResults" in form and not 5 <= int(form["MaxResults"]) <= 1000:
            raise Refusal(400, "InvalidParameterValue", "MaxResults is out of range")
        most = min(int(form.get("MaxResults", 1000)), self.state["pageSize"])
        root = ElementTree.fromstring(body)
        space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
        items = root.find(f"{space}{PAGED[request.operation]}")
        for element in root.findall(f"{space}nextToken"):
            root.remove(element)
        first = int(form.get("NextToken") or 0)
        if items is not None:
            members = list(items)
            for member in members[:first] + members[first + most:]:
                items.remove(member)
            if len(members) > first + most:
                ElementTree.SubElement(root, f"{space}nextToken").text = str(first + most)
        if space:
            ElementTree.register_namespace("", space.strip("{}"))
        return status, ElementTree.tostring(root), headers


def element(name, value):
    """A value as XML: a dictionary, a list of them, text, or nothing."""
    if value is None:
        return ""
    if isinstance(value, dict):
        inner = "".join(element(key, part) for key, part in value.items())
    elif isinstance(value, list):
        inner = "".join(element("item", part) for part in value)
    else:
        inner = escape(str(value))
    return f"<{name}>{inner}</{name}>"
