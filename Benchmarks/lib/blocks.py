"""The blocks of a disk as files, and what sends them: curl, the connector's sender, and a script of ready programs."""

import base64
import concurrent.futures
import hashlib
import os
import pathlib
import time

from .errors import BenchError
from .process import cpu_seconds, output, timed

BLOCK = 512 << 10
# As many connections as the connector begins with.
PARALLEL = 32


class Blocks:
    """A folder with one file for each block that is not zero, and curl's list of them."""

    def __init__(self, disk, folder):
        self.folder = pathlib.Path(folder)
        self.count = 0
        raw = self.folder / "whole.raw"
        output(["qemu-img", "convert", "-f", "qcow2", "-O", "raw", str(disk.path), str(raw)])
        self.lines, self.entries = [], []
        with open(raw, "rb", buffering=0) as file:
            for index in self.data(file, disk.size):
                block = os.pread(file.fileno(), BLOCK, index * BLOCK)
                if block.strip(b"\0"):
                    self.add(index, block.ljust(BLOCK, b"\0"))
        raw.unlink()

    @staticmethod
    def data(file, size):
        """Indexes of the blocks in which the file has data, each once."""
        place = last = 0
        seen = -1
        while place < size:
            try:
                place = os.lseek(file.fileno(), place, os.SEEK_DATA)
            except OSError:
                return
            last = os.lseek(file.fileno(), place, os.SEEK_HOLE)
            for index in range(max(place // BLOCK, seen + 1), -(-last // BLOCK)):
                seen = index
                yield index
            place = last

    def add(self, index, block):
        path = self.folder / f"block-{index}"
        path.write_bytes(block)
        checksum = base64.b64encode(hashlib.sha256(block).digest()).decode()
        self.entries.append(f"{index} {checksum} {path}")
        self.lines += [
            "next", f'upload-file = "{path}"', f'url = "@/snapshots/snap-0/blocks/{index}"',
            f'header = "x-amz-Checksum: {checksum}"', 'header = "x-amz-Checksum-Algorithm: SHA256"',
            'header = "Expect:"', f'header = "x-amz-Data-Length: {BLOCK}"', 'output = "/dev/null"']
        self.count += 1

    def curl(self, cloud):
        """One curl sends them all, over as many connections as it may."""
        config = self.folder / "curl.config"
        # The first "next" would be one too many.
        config.write_text("\n".join(self.lines[1:]).replace('url = "@', f'url = "{cloud.blocks}'))
        return self.push(cloud, [
            "curl", "--silent", "--show-error", "--fail", "--http1.1", "--noproxy", "*", "--parallel",
            "--parallel-immediate", "--parallel-max", str(PARALLEL), "--config", str(config)])

    def sender(self, cloud, program):
        """The connector's sender, as a program that is given the same files and what they hash to."""
        entries = self.folder / "entries"
        entries.write_text("\n".join(self.entries))
        return self.push(cloud, [str(program), cloud.blocks, str(entries)])

    def script(self, cloud, uri):
        """The whole way by ready programs, one after the other, as a script goes it: the export is copied to a file, what
        would be sent of it hashed, and that sent."""
        copied = self.folder / "copied.raw"
        runs = [timed(["nbdcopy", "--destination-is-zero", uri, str(copied)])]
        copied.unlink()
        runs.append(timed(["sha256sum", *map(str, sorted(self.folder.glob("block-*")))]))
        runs.append(self.curl(cloud))
        return Push(sum(run.seconds for run in runs), sum(run.cpu for run in runs), runs[-1].server_cpu)

    def together(self, cloud, uri):
        """The same work by the fastest of ready programs, all at once, as nobody's script can: the export is read and
        forgotten while its blocks are hashed and sent. Nothing waits for anything, and nothing is written."""
        hashed = ["openssl", "dgst", "-sha256", *map(str, sorted(self.folder.glob("block-*")))]
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            others = [pool.submit(timed, arguments) for arguments in (["nbdcopy", uri, "null:"], hashed)]
            sent = self.curl(cloud)
            runs = [other.result() for other in others]
        return Push(time.monotonic() - start, sent.cpu + sum(run.cpu for run in runs), sent.server_cpu)

    def push(self, cloud, arguments):
        cloud.counts()
        served = cpu_seconds(cloud.pid)
        run = timed(arguments)
        served = cpu_seconds(cloud.pid) - served
        taken = cloud.counts()["blocks"]
        if taken != self.count:
            raise BenchError(f"{arguments[0]} sent {taken} blocks, not {self.count}")
        return Push(run.seconds, run.cpu, served)


class Push:
    """What sending all blocks took: seconds, CPU seconds of the sender and of the endpoint."""

    def __init__(self, seconds, cpu, server_cpu):
        self.seconds = seconds
        self.cpu = cpu
        self.server_cpu = server_cpu
