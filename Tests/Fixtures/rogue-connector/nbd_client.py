"""The disk sources of the protocol's data plane, read with nothing but the standard library."""

import os
import socket
import struct
import urllib.parse

NBD_MAGIC = 0x4E42444D41474943
OPTION_MAGIC = 0x49484156454F5054
REPLY_MAGIC = 0x3E889045565A9
REQUEST_MAGIC = 0x25609513
SIMPLE_REPLY_MAGIC = 0x67446698


class SourceError(Exception):
    """The source cannot be read: the protocol's `sourceUnavailable`."""


class NBDSource:
    """A read-only export on a Unix socket (`nbd+unix:///name?socket=/path`), fixed newstyle, simple replies."""

    def __init__(self, uri):
        parts = urllib.parse.urlsplit(uri)
        path = urllib.parse.parse_qs(parts.query).get("socket", [None])[0]
        if parts.scheme != "nbd+unix" or path is None:
            raise SourceError("not an nbd+unix URI with a socket: " + uri)
        self.handle = 0
        try:
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.socket.connect(path)
            self.size = self._negotiate(urllib.parse.unquote(parts.path.lstrip("/")).encode())
        except OSError as error:
            raise SourceError("cannot open %s: %s" % (uri, error)) from error

    def _exactly(self, count):
        data = bytearray()
        while len(data) < count:
            piece = self.socket.recv(min(1 << 20, count - len(data)))
            if not piece:
                raise SourceError("the NBD server closed the connection")
            data += piece
        return bytes(data)

    def _negotiate(self, name):
        magic, option, _flags = struct.unpack(">QQH", self._exactly(18))
        if (magic, option) != (NBD_MAGIC, OPTION_MAGIC):
            raise SourceError("not a newstyle NBD server")
        self.socket.sendall(struct.pack(">I", 3))  # fixed newstyle, no zeroes
        body = struct.pack(">I", len(name)) + name + struct.pack(">H", 0)
        self.socket.sendall(struct.pack(">QII", OPTION_MAGIC, 7, len(body)) + body)  # NBD_OPT_GO
        size = None
        while True:
            magic, _option, kind, length = struct.unpack(">QIII", self._exactly(20))
            payload = self._exactly(length)
            if magic != REPLY_MAGIC or kind & 0x80000000:
                raise SourceError("the NBD server refused the export")
            if kind == 1:  # NBD_REP_ACK
                break
            if kind == 3 and payload[:2] == b"\0\0":  # NBD_REP_INFO, NBD_INFO_EXPORT
                size = struct.unpack(">Q", payload[2:10])[0]
        if size is None:
            raise SourceError("the NBD server did not say the export's size")
        return size

    def read(self, offset, length):
        self.handle += 1
        try:
            self.socket.sendall(struct.pack(">IHHQQI", REQUEST_MAGIC, 0, 0, self.handle, offset, length))
            magic, error, handle = struct.unpack(">IIQ", self._exactly(16))
        except OSError as problem:
            raise SourceError("reading at %d: %s" % (offset, problem)) from problem
        if magic != SIMPLE_REPLY_MAGIC or handle != self.handle or error:
            raise SourceError("NBD error %d at %d" % (error, offset))
        return self._exactly(length)

    def close(self):
        self.socket.close()


class FileSource:
    """A raw image in the job's folder."""

    def __init__(self, path):
        try:
            self.file = open(path, "rb")
        except OSError as error:
            raise SourceError("cannot open %s: %s" % (path, error)) from error
        self.size = os.fstat(self.file.fileno()).st_size

    def read(self, offset, length):
        self.file.seek(offset)
        return self.file.read(length)

    def close(self):
        self.file.close()


def open_source(source):
    return NBDSource(source["location"]) if source["kind"] == "nbd" else FileSource(source["location"])
