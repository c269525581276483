"""Makes the parts of synthetic Windows disks and writes the guestfish script that puts them together; or writes a
hive down as text. Called by Lab/make-windows.

    make.py parts FOLDER RELEASE...   the files of the disks, driver packages, and FOLDER/script, which puts the files on
                                      disks that are given to it in this order
    make.py lines HIVE                its keys and values, a line each
    make.py names                     the releases that are known
    make.py is-uefi RELEASE           exit status 0 for one with an EFI system partition
"""

import os
import sys

import packages
import registry
import tree
from releases import RELEASES


def files(device, work, name):
    """The lines that put the files of one disk on it."""
    return [f"mount {device}2 /", f'tar-in "{work}/{name}.tar" /', "umount /"]


def parts(work, names):
    os.makedirs(work, exist_ok=True)
    tree.write_loader(f"{work}/loader")
    packages.write(work)
    script = ["run"]
    for place, name in enumerate(names):
        release = RELEASES[name]
        tree.write_system(f"{work}/{name}.tar", release, work)
        script += files(f"/dev/sd{chr(ord('a') + place)}", work, name)
    with open(f"{work}/script", "w", encoding="utf-8") as file:
        file.write("\n".join(script) + "\n")


if __name__ == "__main__":
    if sys.argv[1] == "parts":
        parts(sys.argv[2], sys.argv[3:])
    elif sys.argv[1] == "lines":
        print("\n".join(registry.lines(sys.argv[2])))
    elif sys.argv[1] == "names":
        print("\n".join(RELEASES))
    elif sys.argv[1] == "is-uefi":
        sys.exit(RELEASES[sys.argv[2]].firmware != "uefi")
    else:
        sys.exit("make.py: parts, lines, names or is-uefi")
