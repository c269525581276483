"""Uploading to EBS: the connector against curl, both into an endpoint that answers as fast as it can."""

from ..blocks import Blocks
from ..cloud import cloud
from ..data import GIB, TIB, Disk
from ..errors import BenchError
from ..export import export
from ..figures import Figure
from ..process import output
from ..rounds import interleave, median
from ..upload import upload

# The rate is to be at least 0.8 of curl's.
LIMIT = 1.25
MEMORY_MIB = 256.0
THROTTLED = 0.05


def measure(bench):
    folder = bench.scratch("aws-blocks")
    blocks = Blocks(bench.small, folder)
    with export(bench.small) as (uri, _):
        with cloud() as sky:
            results = interleave({
                "curl": lambda: blocks.curl(sky),
                "sender": lambda: blocks.sender(sky, bench.ebs_push),
                "script": lambda: blocks.script(sky, uri),
                "together": lambda: blocks.together(sky, uri),
                "aws-connector": lambda: upload(bench, sky, bench.small, uri),
            }, bench.rounds, bench.note, warm_up=not bench.quick)
            whole(results["aws-connector"][-1], blocks)
            huge = memory(bench, sky)
        with cloud(THROTTLED) as sky:
            slowed = upload(bench, sky, bench.small, uri)
            whole(slowed, blocks)
    ours, curl, sender = results["aws-connector"], results["curl"], results["sender"]
    sent = blocks.count * (512 << 10) / GIB
    return [
        Figure.between(
            "aws", "files to EBS blocks", sender, curl, "curl, 32 connections", "seconds", limit=LIMIT,
            note=f"{blocks.count} blocks of 512 KiB, hashed before"),
        Figure("aws", "CPU for each GiB of files", median(sender, "cpu") / sent, "s", "curl", median(curl, "cpu") / sent),
        Figure.between(
            "aws", "NBD to EBS blocks", ours, results["together"], "nbdcopy, openssl, curl, at once", "seconds",
            limit=LIMIT, note="the whole way: the disk read, hashed, digested and sent; the baseline hashes once"),
        Figure.between(
            "aws", "NBD to EBS blocks", ours, results["script"], "nbdcopy, sha256sum, curl", member="seconds",
            note="the baseline does one after the other"),
        Figure.between(
            "aws", "NBD to EBS blocks", ours, curl, "curl, 32 connections", member="seconds",
            note="the baseline neither reads a disk nor hashes"),
        Figure(
            "aws", "CPU for each GiB", median(ours, "cpu") / sent, "s", "nbdcopy, sha256sum, curl",
            median(results["script"], "cpu") / sent),
        Figure(
            "aws", "CPU of the endpoint for each GiB", median(ours, "server_cpu") / sent, "s", "curl",
            median(curl, "server_cpu") / sent),
        Figure("aws", f"aws-connector, {bench.small}", median(ours, "peak"), "MiB", limit=MEMORY_MIB),
        Figure("aws", "aws-connector, 16 TiB disk", huge.peak, "MiB", limit=MEMORY_MIB),
        Figure(
            "aws", "requests for each block", slowed.counts["puts"] / blocks.count, "", limit=1.1,
            note=f"{slowed.counts['refused']} of them throttled: {THROTTLED:.0%} of all"),
    ]


def whole(sent, blocks):
    if sent.counts["blocks"] != blocks.count:
        raise BenchError(f"the connector sent {sent.counts['blocks']} blocks, not {blocks.count}")


def memory(bench, sky):
    """The same data at the start of a disk of 16 TiB."""
    path = bench.folder / "huge.qcow2"
    output([
        "qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", str(bench.small.path), str(path),
        str(16 * TIB)])
    disk = Disk(path, 16 * TIB, bench.small.data)
    try:
        with export(disk) as (uri, _):
            return upload(bench, sky, disk, uri)
    finally:
        path.unlink()
