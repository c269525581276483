"""The smallest valid files of the kinds that Windows is made of: an empty registry hive and a program."""

import struct


def hive():
    """An empty hive: a header, and one block with the root key and its security descriptor."""

    def cell(content):
        size = (len(content) + 4 + 7) & ~7
        return struct.pack("<i", -size) + content + bytes(size - 4 - len(content))

    none = 0xFFFFFFFF
    time = 0x01D0000000000000
    block_head = 0x20
    name = b"ROOT"
    administrators = struct.pack("<BB6sII", 1, 2, bytes([0, 0, 0, 0, 0, 5]), 32, 544)
    descriptor = struct.pack("<BBHIIII", 1, 0, 0x8000, 20, 20 + len(administrators), 0, 0) + administrators * 2
    key_size = (4 + 76 + len(name) + 7) & ~7
    security = block_head + key_size
    # Flags (root, name in ASCII), time, parent, subkeys, lists of them, values, security, class, sizes, name.
    key = struct.pack(
        "<2sHQIIIIIIIIIIIIIIIHH", b"nk", 0x2C, time, 0, none, 0, 0, none, none, 0, none, security, none,
        0, 0, 0, 0, 0, len(name), 0) + name
    guard = struct.pack("<2sHIIII", b"sk", 0, security, security, 1, len(descriptor)) + descriptor
    body = cell(key) + cell(guard)
    free = 4096 - block_head - len(body)
    block = struct.pack("<4sIIQQI", b"hbin", 0, 4096, 0, time, 0) + body + struct.pack("<i", free) + bytes(free - 4)
    head = struct.pack("<4sIIQIIIIIII", b"regf", 1, 1, time, 1, 3, 0, 1, block_head, 4096, 1)
    head = head.ljust(508, b"\0")
    checksum = 0
    for place in range(0, 508, 4):
        checksum ^= struct.unpack_from("<I", head, place)[0]
    return (head + struct.pack("<I", checksum)).ljust(4096, b"\0") + block


MACHINES = {"amd64": 0x8664, "x86": 0x014C}


def program(architecture="amd64", signed=True, mark=b""):
    """A PE file with a header and nothing to run; `mark` makes one differ from another."""
    wide = architecture == "amd64"
    optional = bytearray(240 if wide else 224)
    struct.pack_into("<H", optional, 0, 0x20B if wide else 0x10B)
    struct.pack_into("<H", optional, 68, 3)
    directories = 112 if wide else 96
    struct.pack_into("<I", optional, directories - 4, 16)
    if signed:
        struct.pack_into("<II", optional, directories + 4 * 8, 0x400, 0x10)
    head = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    coff = struct.pack("<HHIIIHH", MACHINES[architecture], 1, 0, 0, 0, len(optional), 0x22)
    return head + b"PE\0\0" + coff + bytes(optional) + b".text\0\0\0".ljust(40, b"\0") + mark
