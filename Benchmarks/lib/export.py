"""A disk on an NBD socket, offered as the host offers it."""

import contextlib
import json
import pathlib
import socket
import subprocess
import tempfile
import time

from .errors import BenchError
from .process import end


@contextlib.contextmanager
def export(disk):
    """Serves a disk read-only while the body runs; gives the URI and the server's process id."""
    # A socket's path has 107 bytes at most, whatever folder the disks are in.
    with tempfile.TemporaryDirectory(prefix="ascend-bench-") as folder, tempfile.TemporaryFile() as errors:
        path = pathlib.Path(folder) / "s"
        node = {"driver": "qcow2", "l2-cache-entry-size": 65536,
                "file": {"driver": "file", "filename": str(disk.path)}}
        server = subprocess.Popen(
            ["qemu-nbd", "--read-only", "--persistent", "--shared=16", f"--socket={path}", "--export-name=",
             "--cache=writeback", "--aio=threads", f"json:{json.dumps(node)}"],
            stdin=subprocess.DEVNULL, stderr=errors)
        try:
            _await(path, server, errors)
            yield f"nbd+unix:///?socket={path}", server.pid
        finally:
            end(server)


def _await(path, server, errors, seconds=20):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if server.poll() is not None:
            errors.seek(0)
            raise BenchError(f"qemu-nbd ended before it listened: {errors.read().decode(errors='replace').strip()}")
        with socket.socket(socket.AF_UNIX) as client:
            with contextlib.suppress(OSError):
                client.connect(str(path))
                return
        time.sleep(0.02)
    raise BenchError(f"qemu-nbd did not listen on {path} within {seconds} s")
