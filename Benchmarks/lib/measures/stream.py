"""The streaming path: a connector that reads an NBD export and writes a file."""

from ..copying import convert, nbdcopy
from ..export import export
from ..figures import Figure
from ..receive import receive
from ..rounds import interleave, median

LIMIT = 1.1


def measure(bench):
    target = bench.folder / "copy.raw"
    with export(bench.small) as (uri, server):
        results = interleave({
            "nbdcopy": lambda: nbdcopy(uri, server, target),
            "connector": lambda: receive(bench, bench.small, uri, server),
            "qemu-img": lambda: convert(bench.small, "raw", target),
        }, bench.rounds, bench.note, warm_up=not bench.quick)
        receive(bench, bench.small, uri, server, check=True)
        bench.note("connector: the disk is the same")
    ours, copy, image = (results[name] for name in ("connector", "nbdcopy", "qemu-img"))
    seconds = median(ours, "seconds")
    return [
        Figure("stream", "NBD to file, durable", seconds, "s", "nbdcopy, durable", median(copy, "durable"), LIMIT),
        Figure(
            "stream", "NBD to file, durable", seconds, "s", "nbdcopy, not durable", median(copy, "seconds"),
            note="the baseline leaves the result in the page cache"),
        Figure(
            "stream", "NBD to file, durable", seconds, "s", "qemu-img convert, durable", median(image, "durable"),
            note="the baseline needs no server"),
        Figure("stream", "CPU of the reader", median(ours, "cpu"), "s", "nbdcopy", median(copy, "cpu")),
        Figure("stream", "CPU of qemu-nbd", median(ours, "server_cpu"), "s", "nbdcopy", median(copy, "server_cpu")),
    ]
