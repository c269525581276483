"""From starting a connector to its first answer."""

import statistics
import time

from ..connector import Connector
from ..figures import Figure

LIMIT = 100.0


def measure(bench):
    work = bench.scratch("handshake")
    times = []
    for _ in range(5 if bench.quick else 30):
        start = time.monotonic()
        with Connector(bench.host.connector, work) as connector:
            connector.initialize()
            times.append((time.monotonic() - start) * 1000)
    bench.note(f"handshake: {len(times)} times")
    return [Figure(
        "handshake", "start to answered initialize", statistics.median(times), "ms", limit=LIMIT,
        note=f"worst of {len(times)}: {max(times):.0f} ms")]
