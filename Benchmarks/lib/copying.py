"""The baselines, other people's tools that do nothing but copy, and our own parts that do the same."""

import pathlib

from .process import cpu_seconds, make_durable, timed


class Copy:
    """Seconds of a program, the same with what it takes until the result is on the drive, CPU seconds of it and of the
    server that it reads from, the largest resident size in bytes, and the bytes of the result."""

    def __init__(self, run, durable=0.0, server_cpu=0.0, size=0):
        self.seconds = run.seconds
        self.durable = run.seconds + durable
        self.cpu = run.cpu
        self.server_cpu = server_cpu
        self.peak = run.peak
        self.size = size
        self.text = run.text


def copy(arguments, target=None, server=None):
    """Runs a program that writes `target`, which is made durable, looked at and removed: it and what goes with it."""
    served = cpu_seconds(server) if server else 0.0
    run = timed([str(word) for word in arguments])
    served = cpu_seconds(server) - served if server else 0.0
    durable, size = 0.0, 0
    if target:
        target = pathlib.Path(target)
        for file in target.parent.glob(f"{target.stem}*"):
            durable += make_durable(file)
            size += file.stat().st_size
            file.unlink()
    return Copy(run, durable, served, size)


def nbdcopy(uri, server, target):
    """`nbdcopy --destination-is-zero` of an export to a new raw file."""
    return copy(["nbdcopy", "--destination-is-zero", uri, target], target, server)


def convert(disk, format, target, subformat=None, compression=None, ordered=False):
    """`qemu-img convert` of an image to a new one, with the flags that make it fastest: `-W -m 16` but where order
    matters."""
    options = [f"subformat={subformat}"] if subformat else []
    options += [f"compression_type={compression}"] if compression else []
    options += ["force_size=on"] if format == "vpc" else []
    return copy(
        ["qemu-img", "convert", "-m", "16", *([] if ordered else ["-W"]), *(["-c"] if compression else []),
         "-f", "qcow2", "-O", format, *(["-o", ",".join(options)] if options else []), disk.path, target], target)
