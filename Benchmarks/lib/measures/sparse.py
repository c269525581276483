"""What virtual size costs: a huge disk with the same data as a small one."""

from ..export import export
from ..figures import Figure
from ..receive import receive
from ..restore import compare
from ..rounds import interleave

LIMIT = 1.1


class Job:
    def __init__(self, restore):
        self.durable = restore.job_seconds


def measure(bench):
    small, large = bench.small, bench.large

    def restored(disk, check=False):
        restore = bench.host.restore(disk)
        if check:
            compare(disk, *restore.disk)
        restore.remove()
        return Job(restore)

    with export(small) as (small_uri, small_server), export(large) as (large_uri, large_server):
        results = interleave({
            f"connector, {small}": lambda: receive(bench, small, small_uri, small_server),
            f"connector, {large}": lambda: receive(bench, large, large_uri, large_server),
            f"restore, {small}": lambda: restored(small),
            f"restore, {large}": lambda: restored(large),
        }, bench.rounds, bench.note, warm_up=not bench.quick)
    restored(large, check=True)
    bench.note(f"restore, {large}: the disk is the same")
    return [
        Figure.between(
            "sparse", f"{what}, {large}", results[f"{way}, {large}"], results[f"{way}, {small}"], str(small),
            limit=LIMIT)
        for way, what in (("connector", "NBD to file"), ("restore", "whole restore"))]
