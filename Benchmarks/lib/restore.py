"""Restores by the command line, with a state, a target and a catalog of their own."""

import json
import os
import shutil

from .errors import BenchError
from .process import output, timed

TARGET = "bench"


class Restore:
    """What one restore took, in seconds, and where its machine lies."""

    def __init__(self, run, report, machine):
        self.wall = run.seconds
        self.cpu = run.cpu
        self.machine = machine
        self.steps = {step["name"]: step.get("seconds") or 0 for step in report["steps"]}
        self.path = report["job"]["plan"]["disks"][0]["path"]

    def seconds(self, *names):
        return sum(self.steps[name] for name in names)

    @property
    def job_seconds(self):
        return sum(self.steps.values())

    @property
    def disk(self):
        """The restored disk's file and its format."""
        for format in ("raw", "qcow2"):
            for file in self.machine.glob(f"disk0*.{format}"):
                return file, format
        raise BenchError(f"{self.machine} has no disk")

    def remove(self):
        shutil.rmtree(self.machine)


class Host:
    """The `ascend` of a tree, with everything that it keeps below `folder`."""

    def __init__(self, tree, folder):
        self.program = tree / "bin" / "ascend"
        self.connectors = tree / "connectors"
        self.connector = self.connectors / "qemu" / "bin" / "qemu-connector"
        self.vmware = self.connectors / "vmware" / "bin" / "vmware-connector"
        for path in (self.program, self.connector, self.vmware):
            if not os.access(path, os.X_OK):
                raise BenchError(f"There is no {path}: run `make build CONFIG=release`, or set ASCEND_TREE")
        self.folder = folder
        self.machines = folder / "machines"
        self.env = {**os.environ, "ASCEND_STATE": str(folder / "state")}
        # The tree's own connectors, not somebody's.
        self.env.pop("ASCEND_CONNECTORS", None)
        self._backups = {}
        self._count = 0

    def _ascend(self, *arguments):
        return output([str(self.program), *arguments], env=self.env)

    @property
    def version(self):
        return output([str(self.program), "--version"]).strip()

    def target(self):
        if self.machines.exists():
            return
        self.machines.mkdir()
        self._ascend("targets", "add", TARGET, "--platform", "qemu", "--config", str(self.configuration()))

    def configuration(self):
        """The connection, in a file; emulation, because trying KVM is no part of any figure."""
        path = self.folder / "target.json"
        path.write_text(json.dumps({"folder": str(self.machines), "accel": "tcg"}))
        return path

    def _backup(self, disk):
        """The catalog's id of a backup that has just this disk."""
        if disk.path not in self._backups:
            name = disk.path.stem
            folder = self.folder / f"backup-{name}"
            folder.mkdir()
            os.link(disk.path, folder / disk.path.name)
            (folder / "backup.json").write_text(json.dumps({
                "schema": "backup/1", "platform": "bench", "takenAt": "2026-01-01T00:00:00Z",
                "machine": {
                    "schema": "machine/1", "name": name, "cpu": {"count": 1}, "memoryBytes": 256 << 20, "nics": [],
                    "disks": [{"index": 0, "name": "disk0", "sizeBytes": disk.size, "boot": True}]},
                "disks": [{"index": 0, "chain": [{"file": disk.path.name, "format": "qcow2"}]}]}))
            self._backups[disk.path] = json.loads(self._ascend("backups", "add", str(folder), "--json"))["id"]
        return self._backups[disk.path]

    def restore(self, disk, mapping=None, watch=None):
        """Restores a disk as it is, to a machine that is not started."""
        self.target()
        backup = self._backup(disk)
        self._count += 1
        name = f"bench-{self._count}"
        arguments = ["restore", backup, "--to", TARGET, "--name", name, "--prepare", "never", "--no-start", "--json"]
        if mapping:
            path = self.folder / "mapping.json"
            path.write_text(json.dumps(mapping))
            arguments += ["--map", str(path)]
        run = timed([str(self.program), *arguments], env=self.env, watch=watch)
        return Restore(run, json.loads(run.text), self.machines / name)

    def verify(self):
        """Runs the conformance kit; the number of rules by status."""
        scratch = self.folder / "conformance"
        scratch.mkdir()
        config = self.folder / "conformance.json"
        config.write_text(json.dumps({"folder": str(scratch), "accel": "tcg"}))
        # A rule that fails is told, and measured all the same.
        text = output(
            [str(self.program), "connectors", "verify", str(self.connector), "--config", str(config), "--json"],
            env=self.env, check=False)
        try:
            report = json.loads(text)
        except ValueError:
            raise BenchError(f"The conformance kit gave no report: {text[-500:]}") from None
        return report["seconds"], [rule["status"] for rule in report["results"]]


def compare(disk, file, format):
    """Ends the run where a restored disk has other bytes than its source."""
    output(["qemu-img", "compare", "-q", "-f", "qcow2", "-F", format, str(disk.path), str(file)])
