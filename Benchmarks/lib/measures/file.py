"""The file path: the host converts the disk and hands the image over."""

from ..copying import convert
from ..errors import BenchError
from ..figures import Figure
from ..restore import compare
from ..rounds import interleave

LIMIT = 1.05
MAPPING = {"diskAccess": "file", "diskFormat": "qcow2"}


class Conversion:
    """The seconds of the job's steps that move the disk."""

    def __init__(self, restore):
        if restore.path.get("access") != "file":
            raise BenchError(f"The restore went by {restore.path.get('access')}, not by file: {restore.path}")
        self.durable = restore.seconds("prepare", "transfer")
        self.cpu = restore.cpu


def measure(bench):
    target = bench.folder / "copy.qcow2"

    def restored(check=False):
        restore = bench.host.restore(bench.small, MAPPING)
        if check:
            compare(bench.small, *restore.disk)
        restore.remove()
        return Conversion(restore)

    results = interleave({
        "qemu-img": lambda: convert(bench.small, "qcow2", target),
        "restore": restored,
    }, bench.rounds, bench.note, warm_up=not bench.quick)
    restored(check=True)
    bench.note("restore: the disk is the same")
    ours, image = results["restore"], results["qemu-img"]
    name = "conversion and transfer, durable"
    return [
        Figure.between("file", name, ours, image, "qemu-img convert, durable", limit=LIMIT),
        Figure.between(
            "file", name, ours, image, "qemu-img convert, not durable", other="seconds",
            note="the baseline leaves the result in the page cache"),
        Figure.between("file", "CPU of the whole restore", ours, image, "qemu-img convert", "cpu"),
    ]
