"""Guests for the measures that look into one: a real Debian that knows only another platform's hardware, and the disk of
a synthetic Windows."""

import json
import os
import pathlib
import subprocess
import sys

from .errors import BenchError
from .process import output, timed

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class Guest:
    """The guest's disk, a qcow2 image, and a backup of it in the catalog.

    `image` is a file of the lab, `drivers` a folder of it that a Windows gets its drivers from."""

    def __init__(self, bench, name="guest", image="guest.raw", drivers=None):
        self._env = bench.host.env
        self._program = str(bench.host.program)
        self._drivers, self.tools = [], {}
        if drivers:
            folder = self._lab() / drivers
            self._drivers = ["--drivers", str(folder)]
            # Where virt-v2v finds the same drivers, and stand-ins for its own helpers beside them.
            self.tools = {"VIRTIO_WIN": str(folder), "VIRT_TOOLS_DATA_DIR": str(folder.parent / "virt-tools")}
        self.folder = bench.scratch(name)
        self.disk = self.folder / "guest.qcow2"
        image = self._image(image)
        form = "raw" if image.suffix == ".raw" else "qcow2"
        output(["qemu-img", "convert", "-f", form, "-O", "qcow2", str(image), str(self.disk)])
        size = json.loads(output(["qemu-img", "info", "--output=json", str(self.disk)]))["virtual-size"]
        (self.folder / "backup.json").write_text(json.dumps({
            "schema": "backup/1", "platform": "bench", "takenAt": "2026-01-01T00:00:00Z",
            "machine": {
                "schema": "machine/1", "name": name, "cpu": {"count": 1}, "memoryBytes": 768 << 20,
                "nics": [{"index": 0}],
                "disks": [{"index": 0, "name": "disk0", "sizeBytes": size, "boot": True}]},
            "disks": [{"index": 0, "chain": [{"file": self.disk.name, "format": "qcow2"}]}]}))
        self.backup = json.loads(self._ascend("backups", "add", str(self.folder), "--json").text)["id"]

    @staticmethod
    def _lab():
        return pathlib.Path(os.environ.get("ASCEND_LAB", ROOT / ".build" / "lab"))

    @classmethod
    def _image(cls, name):
        lab = cls._lab()
        image = lab / name
        if not image.exists():
            if subprocess.run([str(ROOT / "scripts" / "make-fixtures"), str(lab)], stdout=sys.stderr, check=False).returncode:
                raise BenchError(f"There is no {image}, and scripts/make-fixtures could not make it")
        return image

    def _ascend(self, *arguments):
        return timed([self._program, *arguments], env=self._env)

    def inspect(self, again):
        return self._ascend("backups", "inspect", self.backup, "--json", *(["--again"] if again else []))

    def boot_check(self, platform):
        """The proof that it gave."""
        run = self._ascend("boot-check", self.backup, "--for", platform, "--json")
        return json.loads(run.text)["proof"]

    def restore(self, target, name):
        """Prepares and restores it without a start; the job's steps with their seconds."""
        run = self._ascend(
            "restore", self.backup, "--to", target, "--name", name, "--no-start", *self._drivers, "--json")
        steps = {step["name"]: step for step in json.loads(run.text)["steps"]}
        done = (steps["prepare"].get("metadata") or {}).get("preparation") or {}
        if not done.get("prepared"):
            raise BenchError(f"The guest was not prepared: {done.get('reason')}")
        return {name: step.get("seconds") or 0 for name, step in steps.items()}

    def overlay(self):
        path = self.folder / "overlay.qcow2"
        path.unlink(missing_ok=True)
        output(["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(self.disk), "-F", "qcow2", str(path)])
        return path
