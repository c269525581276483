"""The baselines: other people's tools that do nothing but copy."""

from .process import cpu_seconds, make_durable, timed


class Copy:
    """Seconds of the tool, the same with what it takes until the result is on the drive, and CPU seconds."""

    def __init__(self, run, durable, server_cpu=0.0):
        self.seconds = run.seconds
        self.durable = run.seconds + durable
        self.cpu = run.cpu
        self.server_cpu = server_cpu


def nbdcopy(uri, server, target):
    """`nbdcopy --destination-is-zero` of an export to a new raw file."""
    served = cpu_seconds(server)
    run = timed(["nbdcopy", "--destination-is-zero", uri, str(target)])
    copy = Copy(run, make_durable(target), cpu_seconds(server) - served)
    target.unlink()
    return copy


def convert(disk, format, target):
    """`qemu-img convert -W -m 16` of an image to a new one."""
    run = timed(["qemu-img", "convert", "-W", "-m", "16", "-f", "qcow2", "-O", format, str(disk.path), str(target)])
    copy = Copy(run, make_durable(target))
    target.unlink()
    return copy
