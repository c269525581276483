"""Where the figures come from: the computer and the versions."""

import datetime
import os
import pathlib
import platform
import re

from .data import human
from .process import output


def first_line(*arguments):
    return output(list(arguments)).strip().splitlines()[0]


def facts(bench):
    """Each fact, in order."""
    cpu = re.search(r"^model name\s*:\s*(.+)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    filesystem = output(["stat", "-f", "-c", "%T", str(bench.folder)]).strip()
    # swift-driver prints its own version before the compiler's.
    swift = re.search(r"Swift version (\S+)", output(["swift", "--version"]))
    qemu = re.search(r"version (\S+)", first_line("qemu-img", "--version"))
    libnbd = re.search(r"libnbd (\S+)", output(["nbdcopy", "--version"]))
    return [
        datetime.date.today().isoformat(),
        f"{cpu[1] if cpu else platform.machine()}, {os.cpu_count()} cores, {human(memory)}",
        f"{platform.system()} {platform.release()}, files on {filesystem}",
        f"Ascend {bench.host.version}, Swift {swift[1] if swift else 'unknown'}",
        f"QEMU {qemu[1] if qemu else 'unknown'}, libnbd {libnbd[1] if libnbd else 'unknown'}",
        *[f"disk of {human(disk.size)} with {human(disk.data)} of data" for disk in bench.made],
        f"medians of at most {bench.rounds} rounds",
    ]


def line(facts):
    return "; ".join(facts) + "."
