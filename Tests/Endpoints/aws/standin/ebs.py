"""The EBS direct APIs: blocks on disk, every checksum and count verified, states and tokens as documented."""

import base64
import hashlib
import os
import tempfile
import time

from .state import Refusal, check_tags

BLOCK = 512 << 10
DIGEST_BYTES = 32
# The account's own key for EBS.
DEFAULT_KEY = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-4000-8000-00000000eb50"


def b64(data):
    return base64.b64encode(data).decode()


class Snapshot:
    def __init__(self, identifier, size, parent, moto):
        self.id, self.size, self.parent, self.moto = identifier, size, parent, moto
        self.file = tempfile.TemporaryFile()
        self.written = {}
        self.started = time.time()
        self.completes_at = None
        self.missed = set()

    @property
    def status(self):
        if self.completes_at is None:
            return "pending"
        return "completed" if time.time() >= self.completes_at else "pending"

    def digest(self, index):
        """Of a block that this snapshot or one before it has; None where it is zero."""
        if index in self.written:
            return self.written[index]
        return self.parent.digest(index) if self.parent else None

    def block(self, index):
        if index in self.written:
            return os.pread(self.file.fileno(), BLOCK, index * BLOCK)
        return self.parent.block(index) if self.parent else None

    def indexes(self):
        return sorted(set(self.written) | set(self.parent.indexes() if self.parent else ()))


class EBS:
    def __init__(self, state, ec2):
        self.state, self.ec2 = state, ec2
        self.snapshots = {}
        self.tokens = {}

    def handle(self, request):
        """(status, body, headers)."""
        parts = request.path.strip("/").split("/")
        with self.state.lock:
            match request.operation:
                case "StartSnapshot":
                    return self.start(request.json)
                case "PutSnapshotBlock":
                    return self.put(request, parts[1], parts[3])
                case "CompleteSnapshot":
                    return self.complete(request, parts[2])
                case "ListSnapshotBlocks":
                    return self.list(request, self.readable(parts[1]))
                case "ListChangedBlocks":
                    return self.changed(request, self.readable(parts[1]))
                case "GetSnapshotBlock":
                    return self.get(request, self.readable(parts[1]), parts[3])
        raise Refusal(404, "UnknownOperationException", "there is no such operation")

    # Writing

    def start(self, said):
        size = said.get("VolumeSize")
        if not isinstance(size, int) or not 1 <= size <= 65536:
            raise Refusal(400, "ValidationException", "VolumeSize", "INVALID_VOLUME_SIZE")
        if said.get("ParentSnapshotId") and said.get("Encrypted"):
            raise Refusal(400, "ValidationException", "a parent decides on encryption", "INVALID_PARAMETER_VALUE")
        if "Timeout" in said and not 10 <= said["Timeout"] <= 4320:
            raise Refusal(400, "ValidationException", "Timeout", "INVALID_PARAMETER_VALUE")
        tags = said.get("Tags") or []
        check_tags([tag.get("Key", "") for tag in tags], self.invalid_tag)
        if any(not 1 <= len(tag.get("Key", "")) <= 127 or len(tag.get("Value", "")) > 255 for tag in tags):
            raise self.invalid_tag("a key has 1 to 127 characters, a value up to 255")
        token = said.get("ClientToken")
        if token and token in self.tokens:
            before, answer = self.tokens[token]
            if before != said:
                raise Refusal(409, "ConflictException", "the token was used with other parameters")
            return 201, answer, []
        parent = None
        if said.get("ParentSnapshotId"):
            parent = self.snapshots.get(said["ParentSnapshotId"])
            if parent is None:
                raise Refusal(404, "ResourceNotFoundException", "no such parent", "SNAPSHOT_NOT_FOUND")
            if parent.status != "completed":
                raise Refusal(400, "ValidationException", "the parent is not completed", "INVALID_SNAPSHOT_ID")
            if size < parent.size:
                raise Refusal(400, "ValidationException", "smaller than its parent", "INVALID_VOLUME_SIZE")
        key = self.key(said, parent)
        moto = self.ec2.new_snapshot(size, said.get("Description") or "", tags, "pending")
        moto.encrypted, moto.kms_key_id = key is not None, key
        self.snapshots[moto.id] = Snapshot(moto.id, size, parent, moto)
        answer = {
            "SnapshotId": moto.id, "OwnerId": moto.owner_id, "Status": "pending", "StartTime": self.state.now(),
            "VolumeSize": size, "BlockSize": BLOCK, "Tags": tags}
        for name in ("Description", "ParentSnapshotId"):
            if said.get(name):
                answer[name] = said[name]
        if token:
            self.tokens[token] = (said, answer)
        return 201, answer, []

    @staticmethod
    def invalid_tag(why):
        return Refusal(400, "ValidationException", why, "INVALID_TAG")

    def key(self, said, parent):
        """What a snapshot is encrypted with; None where it is not."""
        if parent is not None:
            if parent.moto.kms_key_id is None and self.state["encryptsByDefault"]:
                raise Refusal(
                    400, "ValidationException", "the account encrypts by default, and the parent is not encrypted",
                    "INVALID_PARAMETER_VALUE")
            return parent.moto.kms_key_id
        if said.get("Encrypted") or self.state["encryptsByDefault"]:
            return said.get("KmsKeyArn") or DEFAULT_KEY
        return None

    def fill(self, moto, size, blocks):
        """A completed snapshot that another service has made."""
        snapshot = self.snapshots[moto.id] = Snapshot(moto.id, size, None, moto)
        for index, block in blocks.items():
            os.pwrite(snapshot.file.fileno(), block, index * BLOCK)
            snapshot.written[index] = hashlib.sha256(block).digest()
        snapshot.completes_at = snapshot.started

    def copy(self, moto, identifier):
        """A completed snapshot with what another one holds."""
        before = self.snapshots.get(identifier)
        snapshot = self.snapshots[moto.id] = Snapshot(moto.id, moto.volume_size, before, moto)
        snapshot.completes_at = snapshot.started

    def writable(self, identifier):
        snapshot = self.snapshots.get(identifier)
        if snapshot is None:
            raise Refusal(404, "ResourceNotFoundException", "no such snapshot", "SNAPSHOT_NOT_FOUND")
        if snapshot.completes_at is not None:
            raise Refusal(400, "ValidationException", "it is not pending", "INVALID_SNAPSHOT_ID")
        return snapshot

    def put(self, request, identifier, index):
        snapshot = self.writable(identifier)
        index = self.index(index)
        if time.time() - snapshot.started < self.state["missingFor"] and index not in snapshot.missed:
            snapshot.missed.add(index)
            raise Refusal(404, "ResourceNotFoundException", "the snapshot does not exist", "SNAPSHOT_NOT_FOUND")
        if not 0 <= index < snapshot.size * 2048:
            raise Refusal(400, "ValidationException", "beyond the volume", "INVALID_BLOCK")
        headers = request.headers
        if headers.get("x-amz-data-length") != str(BLOCK) or len(request.body) != BLOCK:
            raise Refusal(400, "ValidationException", "a block has 524288 bytes", "INVALID_BLOCK")
        if headers.get("x-amz-checksum-algorithm") != "SHA256":
            raise Refusal(400, "ValidationException", "the algorithm is SHA256", "INVALID_PARAMETER_VALUE")
        if not 0 <= int(headers.get("x-amz-progress", 0)) <= 100:
            raise Refusal(400, "ValidationException", "progress", "INVALID_PARAMETER_VALUE")
        digest = hashlib.sha256(request.body).digest()
        if headers.get("x-amz-checksum") != b64(digest):
            raise Refusal(400, "ValidationException", "the checksum is not the block's", "INVALID_BLOCK")
        os.pwrite(snapshot.file.fileno(), request.body, index * BLOCK)
        snapshot.written[index] = digest
        return 201, {}, [("x-amz-Checksum", b64(digest)), ("x-amz-Checksum-Algorithm", "SHA256")]

    @staticmethod
    def index(text):
        if not text.isdigit():
            raise Refusal(400, "ValidationException", "the index is no number", "INVALID_BLOCK")
        return int(text)

    def complete(self, request, identifier):
        snapshot = self.snapshots.get(identifier)
        headers = request.headers
        count = headers.get("x-amz-changedblockscount", "")
        if snapshot is None:
            raise Refusal(404, "ResourceNotFoundException", "no such snapshot", "SNAPSHOT_NOT_FOUND")
        if snapshot.completes_at is not None:
            raise Refusal(400, "ValidationException", "it is not pending", "INVALID_SNAPSHOT_ID")
        if count != str(len(snapshot.written)):
            raise Refusal(
                400, "ValidationException", f"the count is {len(snapshot.written)} blocks, not {count}",
                "INVALID_PARAMETER_VALUE")
        checksum = headers.get("x-amz-checksum")
        if checksum is not None:
            if (headers.get("x-amz-checksum-aggregation-method"), headers.get("x-amz-checksum-algorithm")) != (
                    "LINEAR", "SHA256"):
                raise Refusal(400, "ValidationException", "LINEAR and SHA256", "INVALID_PARAMETER_VALUE")
            aggregate = hashlib.sha256(b"".join(snapshot.written[index] for index in sorted(snapshot.written)))
            if checksum != b64(aggregate.digest()):
                raise Refusal(400, "ValidationException", "the checksum of all blocks is another", "INVALID_PARAMETER_VALUE")
        snapshot.completes_at = time.time() + self.state["pendingFor"]
        return 202, {"Status": snapshot.status}, []

    # Reading

    def readable(self, identifier):
        snapshot = self.snapshots.get(identifier)
        if snapshot is None:
            raise Refusal(404, "ResourceNotFoundException", "no such snapshot", "SNAPSHOT_NOT_FOUND")
        if snapshot.status != "completed":
            raise Refusal(400, "ValidationException", "it is pending", "INVALID_SNAPSHOT_ID")
        return snapshot

    def page(self, request, items):
        """One page of (index, item), and the token of the next."""
        most = int(request.parameter("maxResults", 10000))
        if not 100 <= most <= 10000:
            raise Refusal(400, "ValidationException", "maxResults", "INVALID_PARAMETER_VALUE")
        token = request.parameter("pageToken")
        first = int(token or request.parameter("startingBlockIndex", 0))
        items = [item for item in items if item[0] >= first]
        most = min(most, self.state["pageSize"])
        return items[:most], str(items[most][0]) if len(items) > most else None

    def answer(self, snapshot, name, blocks, token):
        body = {
            name: blocks, "VolumeSize": snapshot.size, "BlockSize": BLOCK, "ExpiryTime": time.time() + 604800}
        return 200, {**body, **({"NextToken": token} if token else {})}, []

    @staticmethod
    def token(snapshot, index):
        return b64(hashlib.sha256(f"{snapshot.id}/{index}".encode()).digest())

    def list(self, request, snapshot):
        page, token = self.page(request, [(index, None) for index in snapshot.indexes()])
        blocks = [{"BlockIndex": index, "BlockToken": self.token(snapshot, index)} for index, _ in page]
        return self.answer(snapshot, "Blocks", blocks, token)

    def changed(self, request, second):
        first = self.readable(request.parameter("firstSnapshotId"))
        differing = [
            (index, None) for index in sorted(set(first.indexes()) | set(second.indexes()))
            if first.digest(index) != second.digest(index)]
        page, token = self.page(request, differing)
        blocks = []
        for index, _ in page:
            block = {"BlockIndex": index}
            for snapshot, name in ((first, "FirstBlockToken"), (second, "SecondBlockToken")):
                if snapshot.digest(index) is not None:
                    block[name] = self.token(snapshot, index)
            blocks.append(block)
        return self.answer(second, "ChangedBlocks", blocks, token)

    def get(self, request, snapshot, index):
        index = self.index(index)
        if request.parameter("blockToken") != self.token(snapshot, index):
            raise Refusal(400, "ValidationException", "the token is another block's", "INVALID_BLOCK_TOKEN")
        data = snapshot.block(index)
        if data is None:
            raise Refusal(400, "ValidationException", "there is no such block", "INVALID_BLOCK")
        return 200, data, [
            ("x-amz-Data-Length", str(len(data))), ("x-amz-Checksum-Algorithm", "SHA256"),
            ("x-amz-Checksum", b64(snapshot.digest(index))), ("Content-Type", "application/octet-stream")]
