#!/usr/bin/env python3
"""Makes what is not data of a volume encrypted with BitLocker: its boot sector and three copies of its metadata.

    bitlocker.py layout SIZE                   where they go in a volume of SIZE bytes: three offsets, the header's offset
    bitlocker.py write IMAGE OFFSET SIZE KEY   puts them into the volume at OFFSET of a raw image

The data is encrypted with AES-XTS, 128 bits, by dm-crypt, with the key in the file KEY (32 bytes) and each sector under
its own number. The volume is opened by the recovery password RECOVERY. The format is as libbde's documentation and
cryptsetup describe it; AES comes from openssl(1).
"""

import hashlib
import struct
import subprocess
import sys
import uuid

RECOVERY = "-".join(f"{part * 11:06d}" for part in (4711, 815, 1234, 40000, 7, 65535, 31337, 2024))
SIGNATURE = b"-FVE-FS-"
AREA = 64 << 10
HEADER_SECTORS = 16


def layout(size):
    """Offsets of the metadata, far from where mkntfs puts anything, and of the first sectors of the filesystem."""
    areas = [size * share // 100 // AREA * AREA for share in (55, 65, 75)]
    return areas, areas[0] + AREA


def openssl(mode, key, iv, data):
    return subprocess.run(
        ["openssl", "enc", f"-aes-256-{mode}", "-nopad", "-K", key.hex(), "-iv", iv.hex()],
        input=data, stdout=subprocess.PIPE, check=True).stdout


def ccm(key, nonce, data):
    """AES-CCM (NIST SP 800-38C) with a nonce of 12 bytes: the tag of 16 bytes, then the ciphertext."""
    blocks = bytes([0x3A]) + nonce + len(data).to_bytes(3, "big") + data + bytes(-len(data) % 16)
    tag = openssl("cbc", key, bytes(16), blocks)[-16:]
    stream = openssl("ctr", key, bytes([2]) + nonce + bytes(3), bytes(16) + data)
    return bytes(a ^ b for a, b in zip(tag, stream)) + stream[16:]


def stretch(salt):
    """The key that the recovery password gives."""
    password = b"".join(struct.pack("<H", int(part) // 11) for part in RECOVERY.split("-"))
    first, last = hashlib.sha256(password).digest(), bytes(32)
    for count in range(0x100000):
        last = hashlib.sha256(last + first + salt + struct.pack("<Q", count)).digest()
    return last


def entry(kind, value, data):
    return struct.pack("<4H", 8 + len(data), kind, value, 1) + data


def key_entry(kind, key, nonce, cipher, secret):
    plain = struct.pack("<III", 12 + len(secret), 1, cipher) + secret
    return entry(kind, 5, nonce + ccm(key, nonce, plain))


def metadata(size, data_key):
    areas, header = layout(size)
    salt, master = hashlib.sha256(b"salt").digest()[:16], hashlib.sha256(b"master key").digest()
    nonces = [struct.pack("<QI", 133_000_000_000_000_000, number) for number in (1, 2)]
    protector = uuid.UUID(int=0x5AFE).bytes_le + bytes(10) + struct.pack("<H", 0x0800)
    protector += entry(0, 3, struct.pack("<I", 0x1000) + salt)
    protector += key_entry(0, stretch(salt), nonces[0], 0x2003, master)
    entries = entry(2, 8, protector) + key_entry(3, master, nonces[1], 0x8004, data_key)
    entries += entry(15, 15, struct.pack("<QQ", header, HEADER_SECTORS * 512))
    entries += entry(7, 2, "SYNTHETIC\0".encode("utf-16-le"))
    block = SIGNATURE + struct.pack("<4HQII", 48, 2, 4, 4, size, 0, HEADER_SECTORS)
    block += struct.pack("<4Q", *areas, header)
    block += struct.pack("<4I", 48 + len(entries), 1, 48, 48 + len(entries))
    block += uuid.UUID(int=0xB17).bytes_le + struct.pack("<IHHQ", 3, 0x8004, 0, 133_000_000_000_000_000)
    return (block + entries).ljust(AREA, b"\0")


def boot_sector(size):
    sector = bytearray(512)
    sector[0:11] = b"\xeb\x58\x90" + SIGNATURE
    struct.pack_into("<HB", sector, 11, 512, 8)
    sector[21] = 0xF8
    sector[160:176] = uuid.UUID("4967d63b-2e29-4ad8-8399-f6a339e3d001").bytes_le
    struct.pack_into("<3Q", sector, 176, *layout(size)[0])
    sector[510:512] = b"\x55\xaa"
    return bytes(sector)


def main(command, *arguments):
    if command == "recovery":
        print(RECOVERY)
    elif command == "layout":
        areas, header = layout(int(arguments[0]))
        print(*areas, header)
    else:
        image, offset, size = arguments[0], int(arguments[1]), int(arguments[2])
        with open(arguments[3], "rb") as file:
            block = metadata(size, file.read())
        with open(image, "r+b") as disk:
            for place in layout(size)[0]:
                disk.seek(offset + place)
                disk.write(block)
            disk.seek(offset)
            disk.write(boot_sector(size) + bytes((HEADER_SECTORS - 1) * 512))


main(*sys.argv[1:])
