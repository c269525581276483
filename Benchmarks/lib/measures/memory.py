"""The most memory that each program of a restore had resident."""

import statistics

from ..data import MIB
from ..figures import Figure
from ..process import MemoryWatch
from ..rounds import interleave

LIMITS = {"ascend": 120.0, "qemu-connector": 64.0}
# A child below this was seen only at its start, or is a shell: it says nothing.
LEAST = 4.0
# It hardly differs from one to the next.
MOST_ROUNDS = 3


def measure(bench):
    def restored(disk):
        watches = []

        def watch(pid):
            watches.append(MemoryWatch(pid))
            return watches[-1]

        bench.host.restore(disk, watch=watch).remove()
        return watches[0].peaks

    disks = {str(disk): disk for disk in (bench.small, bench.large)}
    results = interleave(
        {name: lambda disk=disk: restored(disk) for name, disk in disks.items()},
        min(bench.rounds, MOST_ROUNDS), bench.note, warm_up=False)
    programs = {program for peaks in results.values() for round in peaks for program in round}
    figures = []
    for program in sorted(programs, key=lambda name: (name not in LIMITS, name)):
        for name, rounds in results.items():
            sizes = [peaks[program] / MIB for peaks in rounds if program in peaks]
            if sizes and statistics.median(sizes) >= LEAST:
                figures.append(Figure(
                    "memory", f"{program}, {name}", statistics.median(sizes), "MiB", limit=LIMITS.get(program)))
    return figures
