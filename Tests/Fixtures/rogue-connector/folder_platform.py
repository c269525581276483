"""A platform that is a folder: each resource is one JSON file with the mark of its job, each disk one sparse file."""

import hashlib
import json
import os

BLOCK = 512 << 10
ZERO_BLOCK = bytes(BLOCK)
ZERO_LEAF = hashlib.sha256(ZERO_BLOCK).digest()


class FolderPlatform:
    def __init__(self, folder):
        self.folder = folder
        os.makedirs(os.path.join(folder, "resources"), exist_ok=True)
        os.makedirs(os.path.join(folder, "disks"), exist_ok=True)

    def _file(self, kind, name):
        return os.path.join(self.folder, "resources", kind + "--" + name.replace("/", "_") + ".json")

    def disk_path(self, name):
        return os.path.join(self.folder, "disks", name.replace("/", "_") + ".img")

    def get(self, kind, name):
        try:
            with open(self._file(kind, name), encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return None

    def put(self, resource):
        path = self._file(resource["kind"], resource["name"])
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump(resource, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(path + ".new", path)

    def all(self):
        folder = os.path.join(self.folder, "resources")
        found = []
        for entry in sorted(os.listdir(folder)):
            if entry.endswith(".json"):
                with open(os.path.join(folder, entry), encoding="utf-8") as file:
                    found.append(json.load(file))
        return found

    def of_job(self, job):
        return [resource for resource in self.all() if resource.get("job") == job]

    def remove(self, kind, name):
        if kind == "disk" and os.path.exists(self.disk_path(name)):
            os.unlink(self.disk_path(name))
        if os.path.exists(self._file(kind, name)):
            os.unlink(self._file(kind, name))

    def make_disk(self, name, size):
        with open(self.disk_path(name), "ab") as file:
            file.truncate(size)


class ContentDigest:
    """`ascend1`: leaves of 512 KiB blocks in order, then the tree."""

    def __init__(self, size):
        self.size = size
        self.leaves = []

    def add(self, block):
        if len(block) < BLOCK:
            block = block + bytes(BLOCK - len(block))
        self.leaves.append(ZERO_LEAF if block == ZERO_BLOCK else hashlib.sha256(block).digest())

    def text(self):
        level = self.leaves or [hashlib.sha256(b"").digest()]
        while len(level) > 1:
            pairs = [level[i:i + 2] for i in range(0, len(level), 2)]
            level = [hashlib.sha256(b"\1" + p[0] + p[1]).digest() if len(p) == 2 else p[0] for p in pairs]
        return "ascend1:" + hashlib.sha256(b"\2" + self.size.to_bytes(8, "big") + level[0]).hexdigest()
