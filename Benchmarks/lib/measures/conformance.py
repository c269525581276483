"""How long a vendor waits for the conformance kit."""

from ..figures import Figure


def measure(bench):
    seconds, statuses = bench.host.verify()
    bench.note("conformance: done")
    counts = {status: statuses.count(status) for status in ("pass", "fail", "skip")}
    return [Figure(
        "conformance", "all rules, qemu connector", seconds, "s",
        note="{pass} passed, {fail} failed, {skip} skipped".format(**counts))]
