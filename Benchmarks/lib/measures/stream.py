"""The streaming path: a connector that reads an NBD export and writes a file."""

from ..copying import convert, nbdcopy
from ..export import export
from ..figures import Figure
from ..receive import receive
from ..rounds import interleave

LIMIT = 1.1
# 0.9 of the speed without it.
DIGEST_LIMIT = 1.11


def measure(bench):
    target = bench.folder / "copy.raw"
    disk = bench.small

    def cold(digest):
        disk.cool()
        return receive(bench, disk, uri, server, digest=digest)

    with export(disk) as (uri, server):
        results = interleave({
            "nbdcopy": lambda: nbdcopy(uri, server, target),
            "connector": lambda: receive(bench, disk, uri, server),
            "connector, digest": lambda: receive(bench, disk, uri, server, digest=True),
            "qemu-img": lambda: convert(disk, "raw", target),
            "connector, cold": lambda: cold(digest=False),
            "connector, cold, digest": lambda: cold(digest=True),
        }, bench.rounds, bench.note, warm_up=not bench.quick)
        receive(bench, disk, uri, server, check=True)
        bench.note("connector: the disk is the same")
    ours, digested, copy, image = (
        results[name] for name in ("connector", "connector, digest", "nbdcopy", "qemu-img"))
    name = "NBD to file, durable"
    return [
        Figure.between("stream", name, ours, copy, "nbdcopy, durable", limit=LIMIT),
        Figure.between(
            "stream", name, ours, copy, "nbdcopy, not durable", other="seconds",
            note="the baseline leaves what it has not written out yet in the page cache"),
        Figure.between("stream", name, ours, image, "qemu-img convert, durable", note="the baseline needs no server"),
        Figure.between(
            "stream", f"{name}, with the content digest", digested, copy, "nbdcopy, durable",
            note="the baseline reckons none"),
        Figure.between("stream", "content digest, image in the page cache", digested, ours, "without it, durable"),
        Figure.between(
            "stream", "content digest, image on the drive", results["connector, cold, digest"],
            results["connector, cold"], "without it, durable", limit=DIGEST_LIMIT),
        Figure.between("stream", "CPU of the reader", ours, copy, "nbdcopy", "cpu"),
        Figure.between("stream", "CPU of qemu-nbd", ours, copy, "nbdcopy", "server_cpu"),
    ]
