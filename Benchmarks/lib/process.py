"""Running programs: their output, their time, and the memory of everything that they start."""

import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time

from .errors import BenchError

SAMPLE_SECONDS = 0.02
TICKS = os.sysconf("SC_CLK_TCK")


def output(arguments, env=None, check=True):
    """What a program prints. Raises `BenchError` with the end of its errors where it fails."""
    try:
        done = subprocess.run(arguments, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except FileNotFoundError:
        raise BenchError(f"'{arguments[0]}' is not installed: run scripts/install-packages") from None
    if check and done.returncode != 0:
        raise failure(arguments, done.returncode, done.stderr)
    return done.stdout.decode(errors="replace")


def failure(arguments, status, errors):
    said = "\n".join(errors.decode(errors="replace").strip().splitlines()[-8:])
    return BenchError(f"{' '.join(map(str, arguments))}: ended with {status}\n{said}")


class Run:
    """What one run of a program took: `seconds` of the clock, `cpu` seconds of its own and its children's, and the most
    memory that one of them had resident, in bytes."""

    def __init__(self, seconds, cpu, text="", peak=0):
        self.seconds = seconds
        self.cpu = cpu
        self.text = text
        self.peak = peak


def timed(arguments, env=None, watch=None):
    """Runs a program to its end.

    `watch` is called with its process id and gives something with a `stop()`, as `MemoryWatch` is.
    """
    # Files instead of pipes: nothing has to be read while the clock runs.
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        start = time.monotonic()
        child = subprocess.Popen(arguments, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=errors)
        watching = watch(child.pid) if watch else None
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:
            child.terminate()
            child.wait()
            raise
        finally:
            if watching:
                watching.stop()
        seconds = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        if child.returncode != 0:
            raise failure(arguments, child.returncode, errors.read())
        return Run(seconds, usage.ru_utime + usage.ru_stime, out.read().decode(errors="replace"),
                   usage.ru_maxrss << 10)


def make_durable(path):
    """The seconds that it takes until a file that was written is on the drive."""
    start = time.monotonic()
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
    return time.monotonic() - start


def cpu_seconds(pid):
    """What a process has used so far, of user and system time; its children's not."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def children(pid):
    found = []
    for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(word) for word in path.read_text().split()]
        except OSError:
            continue
    return found


def peak(pid):
    """A process's program and the most memory it ever had resident, in bytes; None for one that is gone."""
    try:
        # Not the name in `status`: a child starts with that of the thread that made it.
        program = os.path.basename(os.readlink(f"/proc/{pid}/exe"))
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return program, int(line.split()[1]) << 10
    except OSError:
        pass
    return None


class MemoryWatch:
    """Follows a process and all below it: `peaks` has the largest resident size by program name, in bytes."""

    def __init__(self, root):
        self.root = root
        self.peaks = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def stop(self):
        self._ended.set()
        self._thread.join()

    def _follow(self):
        while not self._ended.is_set():
            self._look(self.root, None)
            self._ended.wait(SAMPLE_SECONDS)

    def _look(self, pid, parent):
        seen = peak(pid)
        if not seen:
            return
        program, size = seen
        # A child that has not become another program yet has its parent's memory.
        if program != parent:
            self.peaks[program] = max(self.peaks.get(program, 0), size)
        for child in children(pid):
            self._look(child, program)


def end(child, seconds=10):
    """Ends a process of ours, in order if it lets us."""
    if child.poll() is not None:
        return
    child.send_signal(signal.SIGTERM)
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
