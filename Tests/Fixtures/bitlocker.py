#!/usr/bin/env python3
"""Encrypts a volume in a raw image in BitLocker's format, in its place, and prints its recovery password.

    bitlocker.py IMAGE OFFSET SIZE PASSWORD    PASSWORD is a file that holds the volume's other key, without a line end

Three areas of its metadata and a copy of its first sectors come to where the volume has nothing; where it has, that is an
error. The format is as cryptsetup (lib/bitlk) and libbde's documentation describe it: AES-XTS with 128 bits, each sector
under its own number, the volume's key under a master key, that under the password and under the recovery password.
Windows itself never saw such a volume. AES comes from libcrypto.
"""

import ctypes
import ctypes.util
import hashlib
import os
import struct
import sys
import uuid

SIGNATURE = b"-FVE-FS-"
SECTOR = 512
AREA = 64 << 10
# How much of the volume's beginning moves: its place is taken by BitLocker's own boot sector.
HEADER = 16 * SECTOR
# 2022, in Windows' count.
TIME = 133_000_000_000_000_000
RECOVERY, PASSWORD = 0x0800, 0x2000
AES_CCM, AES_XTS_128 = 0x2003, 0x8004

crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
for name in ("EVP_CIPHER_CTX_new", "EVP_aes_128_xts", "EVP_aes_256_cbc", "EVP_aes_256_ctr"):
    getattr(crypto, name).restype = ctypes.c_void_p


def check(result):
    if result != 1:
        raise RuntimeError("libcrypto refuses")


def encrypted(cipher, key, pieces):
    """Each piece of (initial vector, data) for itself, under one key."""
    context = ctypes.c_void_p(crypto.EVP_CIPHER_CTX_new())
    check(crypto.EVP_EncryptInit_ex(context, ctypes.c_void_p(cipher()), None, key, None))
    crypto.EVP_CIPHER_CTX_set_padding(context, 0)
    length = ctypes.c_int()
    for vector, data in pieces:
        output = ctypes.create_string_buffer(len(data) + 16)
        check(crypto.EVP_EncryptInit_ex(context, None, None, None, vector))
        check(crypto.EVP_EncryptUpdate(context, output, ctypes.byref(length), data, len(data)))
        yield output.raw[: length.value]
    crypto.EVP_CIPHER_CTX_free(context)


def ccm(key, nonce, data):
    """AES-CCM (NIST SP 800-38C) with a nonce of 12 bytes: the tag of 16 bytes, then the ciphertext."""
    blocks = bytes([0x3A]) + nonce + len(data).to_bytes(3, "big") + data + bytes(-len(data) % 16)
    (chain,) = encrypted(crypto.EVP_aes_256_cbc, key, [(bytes(16), blocks)])
    counter = bytes([2]) + nonce + bytes(3)
    (stream,) = encrypted(crypto.EVP_aes_256_ctr, key, [(counter, bytes(16) + data)])
    return bytes(a ^ b for a, b in zip(chain[-16:], stream)) + stream[16:]


def sectors(data, first):
    return ((struct.pack("<QQ", first + at // SECTOR, 0), data[at : at + SECTOR]) for at in range(0, len(data), SECTOR))


def stretched(first, salt):
    last = bytes(32)
    for count in range(0x100000):
        last = hashlib.sha256(last + first + salt + struct.pack("<Q", count)).digest()
    return last


def entry(kind, value, data):
    return struct.pack("<4H", 8 + len(data), kind, value, 1) + data


def key_entry(kind, number, key, cipher, secret):
    nonce = struct.pack("<QI", TIME, number)
    return entry(kind, 5, nonce + ccm(key, nonce, struct.pack("<III", 12 + len(secret), 1, cipher) + secret))


def protector(number, kind, first, master):
    """The master key under what `first`, a hash of a password, becomes."""
    salt = os.urandom(16)
    body = uuid.UUID(int=number).bytes_le + struct.pack("<QHH", TIME, 0, kind)
    body += entry(0, 3, struct.pack("<I", 0x1000) + salt)
    return entry(2, 8, body + key_entry(0, number, stretched(first, salt), AES_CCM, master))


def metadata(size, areas, key, password, recovery):
    master = os.urandom(32)
    digits = b"".join(struct.pack("<H", part) for part in recovery)
    twice = hashlib.sha256(hashlib.sha256(password.encode("utf-16-le")).digest()).digest()
    entries = protector(1, RECOVERY, hashlib.sha256(digits).digest(), master)
    entries += protector(2, PASSWORD, twice, master)
    entries += key_entry(3, 3, master, AES_XTS_128, key)
    header = areas[0] + AREA
    entries += entry(15, 15, struct.pack("<QQ", header, HEADER))
    entries += entry(7, 2, "SYNTHETIC\0".encode("utf-16-le"))
    block = SIGNATURE + struct.pack("<4HQII", 48, 2, 4, 4, size, 0, HEADER // SECTOR)
    block += struct.pack("<4Q", *areas, header)
    block += struct.pack("<4I", 48 + len(entries), 1, 48, 48 + len(entries))
    block += uuid.uuid4().bytes_le + struct.pack("<IHHQ", 4, AES_XTS_128, 0, TIME)
    if len(block + entries) > AREA:
        raise ValueError("the metadata is too long")
    return (block + entries).ljust(AREA, b"\0")


def boot_sector(areas):
    sector = bytearray(SECTOR)
    sector[0:11] = b"\xeb\x58\x90" + SIGNATURE
    struct.pack_into("<HB", sector, 11, SECTOR, 8)
    sector[21] = 0xF8
    sector[160:176] = uuid.UUID("4967d63b-2e29-4ad8-8399-f6a339e3d001").bytes_le
    struct.pack_into("<3Q", sector, 176, *areas)
    sector[510:512] = b"\x55\xaa"
    return bytes(sector)


def main(image, offset, size, password_file):
    offset, size = int(offset), int(size)
    with open(password_file, encoding="utf-8") as file:
        password = file.read()
    # Far from where the maker of a filesystem puts anything.
    areas = [size * share // 100 // AREA * AREA for share in (55, 65, 75)]
    header = areas[0] + AREA
    key = os.urandom(32)
    recovery = [int.from_bytes(os.urandom(2), "little") for _ in range(8)]
    with open(image, "r+b") as disk:
        disk.seek(offset)
        data = bytearray(disk.read(size))
        for start, length in [(area, AREA) for area in areas] + [(header, HEADER)]:
            if any(data[start : start + length]):
                raise ValueError("the volume has data where BitLocker's own would go")
        data[header : header + HEADER] = data[:HEADER]
        disk.seek(offset)
        disk.writelines(encrypted(crypto.EVP_aes_128_xts, key, sectors(bytes(data), 0)))
        block = metadata(size, areas, key, password, recovery)
        for area in areas:
            disk.seek(offset + area)
            disk.write(block)
        disk.seek(offset)
        disk.write(boot_sector(areas))
    print("-".join(f"{part * 11:06d}" for part in recovery))


main(*sys.argv[1:])
