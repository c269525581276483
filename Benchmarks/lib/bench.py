"""What the measures work with."""

import dataclasses
import pathlib
import sys

from .data import Disk
from .restore import Host


@dataclasses.dataclass
class Bench:
    folder: pathlib.Path
    host: Host
    small: Disk
    large: Disk
    rounds: int
    quick: bool

    def note(self, text):
        print(f"  {text}", file=sys.stderr, flush=True)

    def scratch(self, name):
        path = self.folder / name
        path.mkdir(exist_ok=True)
        return path
