"""Reading all that a disk holds, without writing it anywhere."""

from ..copying import copy
from ..data import MIB
from ..export import export
from ..figures import Figure
from ..rounds import interleave, median

# 0.9 of the speed.
LIMIT = 1 / 0.9
SPARSE_LIMIT = 1.1


def measure(bench):
    small, large = bench.small, bench.large
    with export(small) as (uri, server), export(large) as (large_uri, large_server):
        read = [bench.tool, "read"]
        results = interleave({
            "nbdcopy": lambda: copy(["nbdcopy", uri, "null:"], server=server),
            "reader": lambda: copy([*read, uri], server=server),
            "reader, digest": lambda: copy([*read, uri, "--digest"], server=server),
            f"reader, {large}": lambda: copy([*read, large_uri], server=large_server),
        }, bench.rounds, bench.note, warm_up=not bench.quick)
    ours, digested, huge, null = (
        results[name] for name in ("reader", "reader, digest", f"reader, {large}", "nbdcopy"))
    return [
        Figure.between("read", "all extents", ours, null, "nbdcopy to null", "seconds", limit=round(LIMIT, 2)),
        Figure.between(
            "read", "all extents, with the content digest", digested, ours, "without it", "seconds",
            note="nothing but reading: the digest has no other work to hide behind"),
        Figure.between("read", f"all extents, {large}", huge, ours, str(small), "seconds", limit=SPARSE_LIMIT),
        Figure.between("read", "CPU of the reader", ours, null, "nbdcopy", "cpu"),
        Figure("read", f"memory, {small}", median(ours, "peak") / MIB, "MiB", limit=64.0),
        Figure("read", f"memory, {large}", median(huge, "peak") / MIB, "MiB", limit=64.0),
    ]
