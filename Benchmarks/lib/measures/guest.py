"""Looking into a guest, preparing it for other hardware, and proving that it starts there."""

import os
import shutil

from ..errors import BenchError
from ..figures import Figure
from ..guest import Guest
from ..process import timed
from ..rounds import interleave, median

LIMIT = 0.8
CACHED_LIMIT = 500.0


class Prepared:
    def __init__(self, seconds):
        self.seconds = seconds


def environment(accelerator):
    """libguestfs's own tools choose emulation only when told, and abort where KVM is there and does not work."""
    settings = {"LIBGUESTFS_BACKEND": "direct"}
    if accelerator != "kvm":
        settings["LIBGUESTFS_BACKEND_SETTINGS"] = "force_tcg"
    return {**os.environ, **settings}


def proven(guest):
    """The proof that the guest starts."""
    proof = guest.boot_check("qemu")
    if proof["verdict"] != "proven":
        raise BenchError(f"The guest does not start: {proof['reason']}")
    return proof


def measure(bench):
    guest = Guest(bench)
    proof = proven(guest)
    accelerator = proof["accelerator"]
    env = environment(accelerator)
    # Each of these takes a minute where the processor is emulated.
    rounds = min(bench.rounds, 3)
    bench.host.target()
    windows = Guest(bench, "windows", "windows/2k22.qcow2", drivers="windows/virtio-win")
    count = iter(range(1000))

    def prepare(guest):
        name = f"guest-{next(count)}"
        steps = guest.restore("bench", name)
        shutil.rmtree(bench.host.machines / name)
        return Prepared(steps["prepare"])

    ways = {
        "prepare": lambda: prepare(guest), "prepare Windows": lambda: prepare(windows),
        "inspect": lambda: guest.inspect(again=True), "boot proof": lambda: Prepared(proven(guest)["seconds"]),
    }
    if shutil.which("virt-v2v-in-place"):
        def converted(guest):
            disk = guest.overlay()
            return timed(
                ["virt-v2v-in-place", "-q", "-i", "disk", "-if", "qcow2", str(disk)], env={**env, **guest.tools})
        ways["virt-v2v"] = lambda: converted(guest)
        ways["virt-v2v of Windows"] = lambda: converted(windows)
    if shutil.which("virt-inspector"):
        ways["virt-inspector"] = lambda: timed(
            ["virt-inspector", "--format=qcow2", "-a", str(guest.disk)], env=env)
    results = interleave(ways, rounds, bench.note, warm_up=False)
    known = [guest.inspect(again=False) for _ in range(5)]
    return figures(results, known, proof, accelerator)


def figures(results, known, proof, accelerator):
    def beside(name, label):
        return {"against": label, "baseline": median(results[name], "seconds")} if name in results else {}

    v2v = beside("virt-v2v", "virt-v2v-in-place")
    of_windows = beside("virt-v2v of Windows", "virt-v2v-in-place")
    inspector = beside("virt-inspector", "virt-inspector")
    missing = "" if v2v else "virt-v2v is not installed"
    seen = "the baseline lists packages, ours looks into every initramfs"
    return [
        Figure(
            "guest", f"preparation ({accelerator})", median(results["prepare"], "seconds"), "s", **v2v,
            limit=LIMIT if v2v else None, note=missing),
        Figure(
            "guest", f"preparation of Windows ({accelerator})", median(results["prepare Windows"], "seconds"), "s",
            **of_windows, limit=LIMIT if of_windows else None, note=missing),
        Figure(
            "guest", f"inspection ({accelerator})", median(results["inspect"], "seconds"), "s", **inspector,
            note=seen if inspector else "virt-inspector is not installed"),
        Figure(
            "guest", "inspection of what was seen before", median(known, "seconds") * 1000, "ms", limit=CACHED_LIMIT),
        Figure(
            "guest", f"boot proof ({accelerator})", median(results["boot proof"], "seconds"), "s",
            note=proof["reason"]),
    ]
