"""What the measures work with."""

import functools
import os
import pathlib
import sys

from .data import Sizes, human, make_disk
from .errors import BenchError


class Bench:
    """A folder, the programs that are measured, and disks, each made when it is first asked for."""

    def __init__(self, folder, host, rounds, quick):
        self.folder = pathlib.Path(folder)
        self.host = host
        self.rounds = rounds
        self.quick = quick
        self._sizes = Sizes(quick)

    @functools.cached_property
    def small(self):
        return self._make("small")

    @functools.cached_property
    def large(self):
        return self._make("large")

    @functools.cached_property
    def medium(self):
        return self._make("medium")

    @functools.cached_property
    def little(self):
        return self._make("little")

    @property
    def made(self):
        """The disks that there are."""
        return [vars(self)[name] for name in self._sizes.disks if name in vars(self)]

    def _make(self, name):
        size, data = self._sizes.disks[name]
        self.note(f"making a disk of {human(size)} with {human(data)} of data")
        return make_disk(self.folder, name, size, data)

    @functools.cached_property
    def tool(self):
        """Parts of Ascend by themselves, as Benchmarks/disk-bench says."""
        return self._built("ASCEND_DISK_BENCH", "release/disk-bench")

    @functools.cached_property
    def ebs_push(self):
        """The AWS connector's sending of blocks by itself, as Plugins/aws/Benchmarks/ebs-push says."""
        return self._built("ASCEND_EBS_PUSH", "connectors/release/ebs-push")

    @staticmethod
    def _built(variable, name):
        """The path of a tool: what the variable says, or where `make bench-tools` leaves it below `.build`."""
        root = pathlib.Path(__file__).resolve().parents[2]
        path = pathlib.Path(os.environ.get(variable, root / ".build" / name))
        if not os.access(path, os.X_OK):
            raise BenchError(f"There is no {path}: run `make bench-tools`, as `make bench` does")
        return str(path)

    def note(self, text):
        print(f"  {text}", file=sys.stderr, flush=True)

    def scratch(self, name):
        path = self.folder / name
        path.mkdir(exist_ok=True)
        return path
