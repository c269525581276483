"""Disk images as VM Import reads them: what is in them is told by qemu-img, and by nothing that made them."""

import json
import os
import subprocess
import tempfile

BLOCK = 512 << 10


class Unreadable(Exception):
    """What cannot be imported, in words."""


def run(*arguments):
    done = subprocess.run(["qemu-img", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise Unreadable(done.stderr.strip().replace("\n", " ") or f"qemu-img {arguments[0]} fails")
    return done.stdout


def blocks(data, form):
    """The size of the disk in an image, and its blocks that are not zeros, by index."""
    with tempfile.TemporaryDirectory() as folder:
        image, raw = os.path.join(folder, "image"), os.path.join(folder, "raw")
        with open(image, "wb") as file:
            file.write(data)
        if form == "RAW":
            os.rename(image, raw)
        else:
            kind = {"VMDK": "vmdk", "VHD": "vpc", "VHDX": "vhdx"}[form]
            told = json.loads(run("info", "-f", kind, "--output=json", image))
            subformat = told.get("format-specific", {}).get("data", {}).get("create-type")
            if form == "VMDK" and subformat != "streamOptimized":
                raise Unreadable(f"Unsupported VMDK File: {subformat}")
            run("convert", "-f", kind, "-O", "raw", image, raw)
        return os.path.getsize(raw), dict(full(raw))


def full(path):
    """(index, block) of what is not zeros, holes not read."""
    with open(path, "rb", buffering=0) as file:
        size, place = os.path.getsize(path), 0
        while place < size:
            try:
                place = os.lseek(file.fileno(), place, os.SEEK_DATA) // BLOCK * BLOCK
            except OSError:
                return
            block = os.pread(file.fileno(), BLOCK, place)
            if block.strip(b"\0"):
                yield place // BLOCK, block.ljust(BLOCK, b"\0")
            place += BLOCK
