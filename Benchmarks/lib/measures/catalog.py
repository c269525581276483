"""A large catalog, and long descriptions: what a folder of many machines costs."""

import json
import os
import sqlite3
import statistics
import uuid

from ..figures import Figure
from ..process import output, timed

BACKUPS = 5000
LINES = 100_000
LIMIT = 200.0


def measure(bench):
    work = bench.scratch("catalog")
    env = {**os.environ, "ASCEND_STATE": str(work / "state")}
    program = str(bench.host.program)
    small = work / "disk.qcow2"
    output(["qemu-img", "create", "-q", "-f", "qcow2", str(small), "1M"])
    output([program, "backups", "add", str(small), "--no-inspect"], env=env)
    fill(work / "state" / "ascend.db")
    commands = {
        "list": ["backups", "list"],
        "list --json": ["backups", "list", "--json"],
        "show, by name": ["backups", "show", "machine-4321", "--json"],
    }
    figures = []
    for name, arguments in commands.items():
        seconds = median(bench, [program, *arguments], env)
        figures.append(Figure("catalog", f"{name}, {BACKUPS} backups", seconds * 1000, "ms", limit=LIMIT))
    for kind, path, machine in (described(work), domains(work)):
        env = {**os.environ, "ASCEND_STATE": str(work / ("state-" + kind))}
        seconds = median(bench, [program, "backups", "add", str(path), "--machine", machine, "--no-inspect"], env)
        figures.append(Figure(
            "catalog", f"add from {LINES} lines of {kind}", seconds, "s", note="one of the machines, its disk looked at"))
    bench.note("catalog: done")
    return figures


def median(bench, arguments, env):
    times = [timed(arguments, env=env).seconds for _ in range((2 if bench.quick else bench.rounds) + 1)]
    return statistics.median(times[1:])


def fill(database):
    """Copies of the one backup that is there, under other names."""
    with sqlite3.connect(database) as connection:
        cursor = connection.execute("SELECT * FROM backup_jobs")
        names = [column[0] for column in cursor.description]
        row = dict(zip(names, cursor.fetchone()))
        columns = ", ".join(names)
        marks = ", ".join("?" * len(names))
        rows = []
        for number in range(BACKUPS - 1):
            copy = {**row, "id": str(uuid.uuid4()), "name": f"machine-{number}", "path": f"/backups/machine-{number}"}
            rows.append([copy[name] for name in names])
        connection.executemany(f"INSERT INTO backup_jobs ({columns}) VALUES ({marks})", rows)


def described(work):
    """The JSON of as many machines as have all those lines, in one document."""
    machines = []
    folder = work / "json"
    folder.mkdir()
    lines = 0
    while lines < LINES:
        number = len(machines)
        machine = {
            "extId": f"vm-{number}", "name": f"machine-{number}", "numSockets": 2, "memorySizeBytes": 4 << 30,
            "disks": [{"extId": f"disk-{number}-{disk}", "diskAddress": {"busType": "SCSI", "index": disk}}
                      for disk in range(4)],
            "nics": [{"backingInfo": {"macAddress": f"52:54:00:00:{nic:02x}:01"}} for nic in range(4)],
            "categories": [{"extId": f"category-{place}"} for place in range(16)],
        }
        lines += json.dumps(machine, indent=1).count("\n")
        machines.append(machine)
    (folder / "machines.json").write_text(json.dumps({"data": machines}, indent=1))
    middle = len(machines) // 2
    for disk in range(4):
        output(["qemu-img", "create", "-q", "-f", "qcow2", str(folder / f"disk-{middle}-{disk}.qcow2"), "1M"])
    return "JSON", folder, f"machine-{middle}"


def domains(work):
    """A hundred libvirt domains with as many lines each."""
    folder = work / "xml"
    folder.mkdir()
    count = 100
    for number in range(count):
        devices = "".join(f"<channel type='unix'>\n<target type='virtio' name='port.{port}'/>\n</channel>\n"
                          for port in range((LINES // count - 10) // 3))
        (folder / f"machine-{number}.xml").write_text(
            f"<domain type='kvm'>\n<name>machine-{number}</name>\n<memory unit='GiB'>4</memory>\n<vcpu>2</vcpu>\n<devices>\n"
            f"<disk type='file' device='disk'>\n<source file='/var/lib/disk-{number}.qcow2'/>\n"
            f"<target dev='vda' bus='virtio'/>\n</disk>\n{devices}</devices>\n</domain>\n")
    output(["qemu-img", "create", "-q", "-f", "qcow2", str(folder / "disk-50.qcow2"), "1M"])
    return "domain XML", folder, "machine-50"
