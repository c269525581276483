"""Images that are made on the fly, by the encoders of the SDK."""

from ..copying import convert, copy
from ..data import MIB
from ..export import export
from ..figures import Figure
from ..process import output
from ..rounds import interleave, median

SPEED_LIMIT = 1 / 6
SIZE_LIMIT = 1.1
SPARSE_LIMIT = 1.1
MEMORY_LIMIT = 128.0
LEVELS = (1, 3, 6, 9)
# qemu-img compresses for a long time, and is steady in it.
MOST_ROUNDS = 3


def measure(bench):
    return stream_optimized(bench) + others(bench)


def stream_optimized(bench):
    little = bench.little
    target = bench.folder / "image.vmdk"
    with export(little) as (uri, server):
        def encoded(*more):
            return copy([bench.tool, "encode", uri, "streamOptimized", "--output", target, *more], target, server)

        results = interleave({
            "qemu-img": lambda: convert(little, "vmdk", target, "streamOptimized", ordered=True),
            "encoder": encoded,
            "encoder, digest": lambda: encoded("--digest"),
        } | {f"level {level}": lambda level=level: encoded("--level", level) for level in LEVELS[1:]},
            min(bench.rounds, MOST_ROUNDS), bench.note, warm_up=False)
        output([bench.tool, "encode", uri, "streamOptimized", "--output", str(target)])
        output(["qemu-img", "compare", "-q", "-f", "qcow2", "-F", "vmdk", str(little.path), str(target)])
        target.unlink()
        bench.note("encoder: the disk is the same")
    ours, image = results["encoder"], results["qemu-img"]
    figures = [
        Figure.between(
            "images", "streamOptimized VMDK", ours, image, "qemu-img convert", limit=round(SPEED_LIMIT, 3),
            note=f"{median(image, 'durable') / median(ours, 'durable'):.1f} times as fast"),
        Figure(
            "images", "its size", median(ours, "size") / MIB, "MiB", "qemu-img convert", median(image, "size") / MIB,
            SIZE_LIMIT),
        Figure.between(
            "images", "the same with the content digest", results["encoder, digest"], ours, "without it",
            limit=round(1 / 0.9, 2)),
    ]
    for level in LEVELS:
        runs = results[f"level {level}"] if level != LEVELS[0] else ours
        figures.append(Figure(
            "images", f"streamOptimized VMDK at level {level}", little.data / MIB / median(runs, "seconds"), "MiB/s",
            note=f"{median(runs, 'size') / MIB:.0f} MiB of {little.data // MIB}"))
    return figures


def others(bench):
    small, large = bench.small, bench.large
    figures = []
    with export(small) as (uri, server), export(large) as (large_uri, large_server):
        def encoded(place, process, kind):
            target = bench.folder / f"image.{kind}"
            return copy([bench.tool, "encode", place, kind, "--output", target], target, process)

        kinds = ("raw", "vhd", "vhdx")
        ways = {f"{kind}, {small}": lambda kind=kind: encoded(uri, server, kind) for kind in kinds}
        ways |= {f"{kind}, {large}": lambda kind=kind: encoded(large_uri, large_server, kind) for kind in kinds}
        results = interleave(ways, min(bench.rounds, MOST_ROUNDS), bench.note, warm_up=False)
    for kind in kinds:
        huge, ours = results[f"{kind}, {large}"], results[f"{kind}, {small}"]
        figures.append(Figure.between(
            "images", f"{kind} with holes, {large}", huge, ours, str(small), limit=SPARSE_LIMIT))
        for name, runs in ((small, ours), (large, huge)):
            figures.append(Figure(
                "images", f"{kind} with holes, memory, {name}", median(runs, "peak") / MIB, "MiB", limit=MEMORY_LIMIT))
    return figures
