"""Conversions to files, each against plain qemu-img."""

from ..copying import convert, copy
from ..figures import Figure
from ..process import output
from ..rounds import interleave

LIMIT = 1.05
# Format, subformat, compression. Those that are compressed by qemu-img take so long that a little disk is enough.
KINDS = (
    ("raw", None, None), ("qcow2", None, None), ("vmdk", "monolithicSparse", None), ("vmdk", "monolithicFlat", None),
    ("vpc", "dynamic", None), ("vpc", "fixed", None), ("vhdx", "dynamic", None), ("vhdx", "fixed", None),
    ("vmdk", "streamOptimized", None), ("qcow2", None, "zlib"), ("qcow2", None, "zstd"))
MOST_ROUNDS = 3


def is_slow(subformat, compression):
    return bool(compression) or subformat == "streamOptimized"


def measure(bench):
    target = bench.folder / "converted.img"
    ways, names = {}, {}
    for kind in KINDS:
        format, subformat, compression = kind
        names[kind] = " ".join(filter(None, kind))
        disk = bench.little if is_slow(subformat, compression) else bench.medium
        ways[f"qemu-img, {names[kind]}"] = lambda disk=disk, kind=kind: convert(
            disk, kind[0], target, kind[1], kind[2], ordered=kind[1] == "streamOptimized")
        ways[f"ours, {names[kind]}"] = lambda disk=disk, kind=kind: converted(bench, disk, target, *kind)
    results = interleave(ways, min(bench.rounds, MOST_ROUNDS), bench.note, warm_up=False)
    for kind in KINDS:
        check(bench, target, *kind)
    bench.note("ours: the disks are the same")
    return [
        Figure.between(
            "convert", f"qcow2 to {name}, durable", results[f"ours, {name}"], results[f"qemu-img, {name}"],
            "qemu-img convert, durable", limit=LIMIT)
        for name in names.values()]


def arguments(bench, disk, target, format, subformat, compression):
    return [bench.tool, "convert", str(disk.path), format, str(target),
            *(["--subformat", subformat] if subformat else []),
            *(["--compression", compression] if compression else [])]


def converted(bench, disk, target, *kind):
    """The seconds of the conversion itself: a backup's images are checked when it is added, not each time."""
    result = copy(arguments(bench, disk, target, *kind), target)
    seconds = float(result.text)
    result.durable -= result.seconds - seconds
    result.seconds = seconds
    return result


def check(bench, target, format, subformat, compression):
    disk = bench.little if is_slow(subformat, compression) else bench.medium
    output(arguments(bench, disk, target, format, subformat, compression))
    output(["qemu-img", "compare", "-q", "-f", "qcow2", "-F", format, str(disk.path), str(target)])
    for file in target.parent.glob(f"{target.stem}*"):
        file.unlink()
