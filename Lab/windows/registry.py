"""Registry hives: written from a description, and written down as text."""

import struct

import hivex

from binary import hive

SZ, EXPAND, BINARY, DWORD, MULTI = 1, 2, 3, 4, 7


def text(value):
    return (value + "\0").encode("utf-16le")


def encode(value):
    """(type, bytes) of a value: a number is a DWORD, a text a string, bytes are binary, a pair says its type."""
    if isinstance(value, int):
        return DWORD, struct.pack("<I", value)
    if isinstance(value, bytes):
        return BINARY, value
    if isinstance(value, tuple):
        return value[0], text(value[1])
    return SZ, text(value)


def write(path, keys):
    """A hive with `keys`: a key's path, its parts divided by backslashes, to its values."""
    with open(path, "wb") as file:
        file.write(hive())
    registry = hivex.Hivex(path, write=True)
    for key, values in keys.items():
        node = registry.root()
        for part in key.split("\\"):
            node = registry.node_get_child(node, part) or registry.node_add_child(node, part)
        encoded = [(name, *encode(value)) for name, value in values.items()]
        registry.node_set_values(node, [{"key": name, "t": kind, "value": data} for name, kind, data in encoded])
    registry.commit(None)


def lines(path):
    """Every key and value of a hive, a line each, sorted: `key`, or `key | value | type | bytes in hexadecimal`."""
    registry = hivex.Hivex(path)
    found = []

    def walk(node, key):
        if key:
            found.append(key)
        for value in registry.node_values(node):
            kind, data = registry.value_value(value)
            found.append(f"{key} | {registry.value_key(value) or '@'} | {kind} | {data.hex()}")
        for child in registry.node_children(node):
            name = registry.node_name(child)
            walk(child, f"{key}\\{name}" if key else name)

    walk(registry.root(), "")
    return sorted(found)
