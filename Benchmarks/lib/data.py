"""The disks that are restored: the same data in a small and in a huge virtual size."""

import os
import pathlib
import random

from .errors import BenchError
from .process import make_durable, output

MIB = 1 << 20
GIB = 1 << 30
TIB = 1 << 40

PIECE = 8 * MIB
SEED = 20260101
WORDS = (
    "the of and to in is that for it as was with be by on not he his but at are this have from or had an they which "
    "kernel module restore backup connector ledger overlay extent cluster checkpoint machine storage network target"
).split()


class Sizes:
    """How large the disks are, and how much data each holds, in bytes."""

    def __init__(self, quick):
        scale = 16 if quick else 1
        self.disks = {
            "small": (10 * GIB // scale, 2 * GIB // scale),
            "large": (TIB // scale, 2 * GIB // scale),
            "medium": (4 * GIB // scale, GIB // scale),
            "little": (GIB // scale, GIB // 4 // scale),
        }


class Disk:
    """A qcow2 image, and the size of the disk in it, in bytes."""

    def __init__(self, path, size, data):
        self.path = path
        self.size = size
        self.data = data

    def __str__(self):
        return f"{human(self.size)} disk"

    def cool(self):
        """Drops the image from the page cache: a backup that is restored comes from its drive."""
        with open(self.path, "rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    def warm(self):
        """Reads the whole image, so that no measure waits for the drive."""
        with open(self.path, "rb", buffering=0) as file:
            while file.read(4 * MIB):
                pass


def human(count):
    """A size as people write it: 10 GiB, 640 MiB."""
    for unit, step in (("TiB", TIB), ("GiB", GIB), ("MiB", MIB)):
        if count >= step:
            return f"{count / step:g} {unit}" if count % step == 0 else f"{count / step:.1f} {unit}"
    return f"{count} B"


def make_disk(folder, name, size, data):
    """A disk of which every other piece of data is random and the others are text, spread over all of it."""
    folder = pathlib.Path(folder)
    free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
    # The image, its raw copy while it is made, then two results at a time.
    needed = 4 * data
    if free < needed:
        raise BenchError(f"{folder} has {human(free)} free; {human(needed)} are needed. Choose another with --folder.")
    raw, image = folder / f"{name}.source.raw", folder / f"{name}.qcow2"
    fill(raw, size, data)
    output(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", "-W", "-m", "16", str(raw), str(image)])
    raw.unlink()
    make_durable(image)
    return Disk(image, size, data)


def fill(path, size, data):
    """Writes `data` bytes into a sparse file of `size` bytes, always the same ones."""
    source = random.Random(SEED)
    count = data // PIECE
    # Whole pieces from each other, at a cluster's beginning, the first behind the start of the disk.
    stride = size // count // (64 << 10) * (64 << 10)
    with open(path, "wb") as file:
        file.truncate(size)
        for number in range(count):
            file.seek(number * stride)
            file.write(source.randbytes(PIECE) if number % 2 else text(source))
        # Written back before anything is timed.
        file.flush()
        os.fsync(file.fileno())


def text(source):
    """A piece of words: as compressible as logs and sources are, with no run of zeros."""
    line = " ".join(source.choices(WORDS, k=MIB // 8)).encode()
    return (line * (PIECE // len(line) + 1))[:PIECE]
