"""One disk through the AWS connector alone: what `disk/receive` takes until the snapshot is complete."""

import shutil
import time

from .connector import Connector, time_ordered_uuid
from .data import MIB
from .process import MemoryWatch, cpu_seconds
from .receive import question


class Upload:
    """Seconds, CPU seconds of the connector and the endpoint, the connector's peak in MiB, and what it sent."""

    def __init__(self, seconds, cpu, server_cpu, peak, counts):
        self.seconds = seconds
        self.cpu = cpu
        self.server_cpu = server_cpu
        self.peak = peak
        self.counts = counts


def upload(bench, cloud, disk, uri):
    """Lets a fresh connector make a snapshot of `disk`, which is exported at `uri`."""
    work = bench.scratch("aws-work")
    cloud.counts()
    try:
        with Connector(bench.host.connectors / "aws" / "bin" / "aws-connector", work) as connector:
            connector.initialize()
            connector.call("session/open", {
                "connection": cloud.connection, "secrets": cloud.secrets, "stateFolder": str(work)})
            job = time_ordered_uuid()
            asked = question(job, disk)
            asked["hardware"] |= {"controllers": ["nvme"], "nicModel": "ena"}
            plan = connector.call("plan/preflight", asked)["plan"]
            common = {"job": job, "plan": plan, "index": 0}
            target = connector.change("disk/prepare", common)["target"]
            source = {"kind": "nbd", "location": uri, "format": "raw", "sizeBytes": disk.size, "generation": "1"}
            used, served = cpu_seconds(connector.pid), cpu_seconds(cloud.pid)
            watch = MemoryWatch(connector.pid)
            start = time.monotonic()
            connector.change("disk/receive", {**common, "target": target, "source": source})
            seconds = time.monotonic() - start
            watch.stop()
            return Upload(
                seconds, cpu_seconds(connector.pid) - used, cpu_seconds(cloud.pid) - served,
                max(watch.peaks.values()) / MIB, cloud.counts())
    finally:
        shutil.rmtree(work)
