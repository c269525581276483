"""Disks on their way to vCenter: compressed on the fly by the VMware connector, against files made and then sent."""

import concurrent.futures
import contextlib
import time

from ..connector import Connector, ConnectorFailure, time_ordered_uuid
from ..data import MIB, human
from ..errors import BenchError
from ..export import export
from ..figures import Figure
from ..process import cpu_seconds, output, peak, timed
from ..rounds import interleave, median
from ..simulator import PASSWORD, Simulator

# Five times as fast.
LIMIT = 0.2
MEMORY_LIMIT = 192.0
COUNTS = (1, 2, 4)
# qemu-img compresses for a long time, and is steady in it.
MOST_ROUNDS = 2
MOST_BROKEN = 5


class Sent:
    def __init__(self, seconds, cpu=0.0, peak=0):
        self.seconds = seconds
        self.cpu = cpu
        self.peak = peak


def measure(bench):
    little, large = bench.little, bench.large
    ways = {}
    for count in COUNTS:
        ways[f"one by one, {count}"] = lambda count=count: made_and_sent(bench, little, count, at_once=1)
        if count > 1:
            ways[f"at once, {count}"] = lambda count=count: made_and_sent(bench, little, count, at_once=count)
        ways[f"connector, {count}"] = lambda count=count: streamed(bench, little, count)
    results = interleave(ways, min(bench.rounds, MOST_ROUNDS), bench.note, warm_up=False)
    huge = streamed(bench, large, 1)
    streamed(bench, little, 1, check=True)
    bench.note("connector: the disk is the same")
    figures = []
    for count in COUNTS:
        for order, limit in (("one by one", LIMIT), ("at once", None)):
            ours, theirs = results[f"connector, {count}"], results.get(f"{order}, {count}")
            if theirs is None:
                continue
            figures.append(Figure.between(
                "vmware", f"{count} disk{'s' if count > 1 else ''} of {human(little.data)} to the server", ours, theirs,
                f"qemu-img convert, then curl, {order}", "seconds", limit=limit,
                note=f"{median(theirs, 'seconds') / median(ours, 'seconds'):.1f} times as fast"))
    figures.append(Figure.between(
        "vmware", "CPU of the connector, 1 disk", results["connector, 1"], results["one by one, 1"],
        "qemu-img convert, then curl", "cpu"))
    for count in COUNTS:
        figures.append(Figure(
            "vmware", f"memory, {count} × {little}", median(results[f"connector, {count}"], "peak") / MIB, "MiB",
            limit=MEMORY_LIMIT if count == 1 else None))
    figures.append(Figure("vmware", f"memory, {large}", huge.peak / MIB, "MiB", limit=MEMORY_LIMIT))
    return figures


def made_and_sent(bench, disk, count, at_once):
    """What there is without us: `qemu-img convert` to a stream-optimized file, then `curl` of it, for each disk."""
    def one(simulator, number):
        file = bench.folder / f"sent{number}.vmdk"
        made = timed(["qemu-img", "convert", "-m", "16", "-f", "qcow2", "-O", "vmdk", "-o", "subformat=streamOptimized",
                      str(disk.path), str(file)])
        sent = timed(simulator.put(file))
        file.unlink()
        return made.cpu + sent.cpu

    with Simulator(bench.folder / "vcenter") as simulator, concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        start = time.monotonic()
        cpu = sum(pool.map(lambda number: one(simulator, number), range(count)))
        return Sent(time.monotonic() - start, cpu)


def streamed(bench, disk, count, check=False):
    """The same by the connector, until the server has taken the disks into machines.

    The simulator now and then breaks a connection off when it is asked for a name while it makes a machine. A host would
    send the request again; here the whole is done again, so that no broken attempt counts.
    """
    for _ in range(MOST_BROKEN):
        try:
            return streamed_once(bench, disk, count, check)
        except ConnectorFailure as failure:
            if not failure.retryable:
                raise
            bench.note(f"done again: {failure}")
    raise BenchError("The simulator broke off every attempt")


def streamed_once(bench, disk, count, check):
    with contextlib.ExitStack() as stack:
        simulator = stack.enter_context(Simulator(bench.folder / "vcenter"))
        uris = [stack.enter_context(export(disk))[0] for _ in range(count)]
        connector = stack.enter_context(Connector(bench.host.vmware, bench.scratch("vmware-work")))
        connector.initialize()
        connector.call("session/open", {"connection": simulator.connection, "secrets": {"/password": PASSWORD}})
        job = time_ordered_uuid()
        plan = connector.call("plan/preflight", question(job, disk, count))["plan"]
        used = cpu_seconds(connector.pid)
        start = time.monotonic()
        connector.changes("disk/receive", [{
            "job": job, "plan": plan, "index": index, "target": {},
            "source": {"kind": "nbd", "location": uri, "format": "vmdk", "sizeBytes": disk.size, "generation": "1"}}
            for index, uri in enumerate(uris)])
        sent = Sent(time.monotonic() - start, cpu_seconds(connector.pid) - used, peak(connector.pid)[1])
        if check:
            output(["qemu-img", "compare", "-q", "-f", "qcow2", "-F", "vmdk", str(disk.path), str(simulator.images[0])])
        return sent


def question(job, disk, count):
    """The parameters of `plan/preflight`: a machine with so many disks that come by NBD."""
    disks = [{"index": index, "sizeBytes": disk.size, "allocatedBytes": disk.data, "format": "vmdk",
              "subformat": "streamOptimized", "access": "nbd", "boot": index == 0} for index in range(count)]
    return {
        "job": job, "name": "bench",
        "machine": {"schema": "machine/1", "name": "bench", "cpu": {"count": 1}, "memoryBytes": 512 << 20},
        "disks": disks,
        "hardware": {"firmware": "bios", "secureBoot": False, "tpm": False, "arch": "x86_64",
                     "controllers": ["pvscsi"] * count},
        "mapping": {}, "options": {}}
