"""One disk through a connector alone: what `disk/receive` takes, without the host around it."""

import shutil
import time

from .connector import Connector, time_ordered_uuid
from .process import cpu_seconds
from .restore import compare

MACHINE = "bench"


class Received:
    """Seconds until the disk is durable under its name; CPU seconds of the connector and of the export's server."""

    def __init__(self, seconds, cpu, server_cpu):
        self.durable = seconds
        self.cpu = cpu
        self.server_cpu = server_cpu


def receive(bench, disk, uri, server, digest=False, check=False):
    """Lets a fresh connector take `disk` from the export at `uri` as a raw file; `server` is the export's process.

    `digest` has it reckon the content digest on the way, as a restore does and as no copying tool can.
    """
    machines, work = bench.scratch("receive-machines"), bench.scratch("receive-work")
    try:
        with Connector(bench.host.connector, work) as connector:
            connector.initialize()
            connector.call("session/open", {
                "connection": {"folder": str(machines), "accel": "tcg"}, "secrets": {}, "stateFolder": str(work)})
            job = time_ordered_uuid()
            plan = connector.call("plan/preflight", question(job, disk))["plan"]
            common = {"job": job, "plan": plan, "index": 0}
            target = connector.change("disk/prepare", common)["target"]
            source = {"kind": "nbd", "location": uri, "format": "raw", "sizeBytes": disk.size, "generation": "1"}
            used, served = cpu_seconds(connector.pid), cpu_seconds(server)
            start = time.monotonic()
            result = connector.change("disk/receive", {
                **common, "target": target, "source": source, "digest": digest})
            received = Received(
                time.monotonic() - start, cpu_seconds(connector.pid) - used, cpu_seconds(server) - served)
        if check:
            compare(disk, machines / MACHINE / result["disk"]["file"], "raw")
        return received
    finally:
        shutil.rmtree(machines)
        shutil.rmtree(work)


def question(job, disk):
    """The parameters of `plan/preflight`: a machine with one raw disk that comes by NBD."""
    return {
        "job": job, "name": MACHINE,
        "machine": {
            "schema": "machine/1", "name": MACHINE, "cpu": {"count": 1}, "memoryBytes": 256 << 20, "nics": [],
            "disks": [{"index": 0, "name": "disk0", "sizeBytes": disk.size, "boot": True}]},
        "disks": [{
            "index": 0, "sizeBytes": disk.size, "allocatedBytes": disk.data, "format": "raw", "access": "nbd",
            "boot": True}],
        "hardware": {
            "firmware": "bios", "arch": "x86_64", "controllers": ["virtio-blk"], "nicModel": "virtio-net-pci",
            "secureBoot": False, "tpm": False},
        "mapping": {"networks": {}, "storage": {}, "tags": {}, "options": {}}, "options": {}}
