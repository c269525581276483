"""The EBS direct APIs as fast as can be: blocks are read and forgotten, all else goes to UPSTREAM as it came.

Usage: null_ebs.py UPSTREAM [SHARE]
SHARE of the blocks is refused with a throttle, after it was read. Prints its URL and ends when its standard input ends;
GET /-/counts gives {"puts", "refused", "blocks"} and begins to count anew.
"""

import http.client
import json
import random
import select
import socket
import sys
import threading
from urllib.parse import urlparse

TAKEN = (
    b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nx-amz-Checksum-Algorithm: SHA256\r\n"
    b"x-amz-Checksum: %s\r\nContent-Length: 2\r\n\r\n{}")
THROTTLE_BODY = b'{"Message": "slow down", "Reason": "RESOURCE_LEVEL_THROTTLE"}'
THROTTLE = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nx-amzn-ErrorType: RequestThrottledException\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(THROTTLE_BODY), THROTTLE_BODY))
BUFFER = memoryview(bytearray(1 << 20))


class Connection:
    """One client: the head of its request, and how much of the body is still to come."""

    def __init__(self, stream):
        self.stream = stream
        self.head = b""
        self.body = bytearray()
        self.left = 0
        self.request = None


class Server:
    def __init__(self, upstream, share):
        self.upstream = urlparse(upstream).netloc
        self.share = share
        self.random = random.Random(20260101)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.poll = select.epoll()
        self.poll.register(self.listener.fileno(), select.EPOLLIN)
        self.connections = {}
        self.reset()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def reset(self):
        self.puts, self.refused, self.paths = 0, 0, set()

    def run(self):
        while True:
            for number, _ in self.poll.poll():
                if number == self.listener.fileno():
                    stream, _ = self.listener.accept()
                    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self.connections[stream.fileno()] = Connection(stream)
                    self.poll.register(stream.fileno(), select.EPOLLIN)
                else:
                    self.read(number)

    def read(self, number):
        connection = self.connections[number]
        try:
            count = connection.stream.recv_into(BUFFER)
        except ConnectionError:
            count = 0
        if count == 0:
            self.poll.unregister(number)
            connection.stream.close()
            del self.connections[number]
            return
        start = 0
        if connection.request is None:
            start = self.begin(connection, count)
            if start is None:
                return
        taken = min(count - start, connection.left)
        if not connection.request[3]:
            connection.body += BUFFER[start:start + taken]
        connection.left -= taken
        if connection.left == 0:
            self.answer(connection)

    def begin(self, connection, count):
        """Where the body begins in the buffer; None while the head is not complete."""
        before = len(connection.head)
        connection.head += bytes(BUFFER[:min(count, 64 << 10)])
        end = connection.head.find(b"\r\n\r\n")
        if end < 0:
            return None
        lines = connection.head[:end].split(b"\r\n")
        method, path, _ = lines[0].split(b" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])}
        connection.request = (method, path, headers, method == b"PUT" and b"/blocks/" in path)
        connection.left = int(headers.get(b"content-length", 0))
        connection.head, connection.body = b"", bytearray()
        return end + 4 - before

    def answer(self, connection):
        method, path, headers, is_block = connection.request
        connection.request = None
        if is_block:
            self.puts += 1
            if self.share and self.random.random() < self.share:
                self.refused += 1
                connection.stream.sendall(THROTTLE)
                return
            self.paths.add(path)
            connection.stream.sendall(TAKEN % headers.get(b"x-amz-checksum", b""))
        elif path == b"/-/counts":
            counts = {"puts": self.puts, "refused": self.refused, "blocks": len(self.paths)}
            self.reset()
            self.send(connection, 200, [], json.dumps(counts).encode())
        else:
            self.forward(connection, method, path, headers)

    def forward(self, connection, method, path, headers):
        """Headers, Host among them, go on as they are: signatures stay valid."""
        server = http.client.HTTPConnection(self.upstream, timeout=60)
        try:
            server.putrequest(method.decode(), path.decode(), skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                if name != b"connection":
                    server.putheader(name, value)
            server.endheaders(bytes(connection.body))
            answer = server.getresponse()
            self.send(connection, answer.status, answer.getheaders(), answer.read())
        finally:
            server.close()

    @staticmethod
    def send(connection, status, headers, body):
        kept = [f"{name}: {value}" for name, value in headers
                if name.lower() not in ("content-length", "transfer-encoding", "connection")]
        head = "\r\n".join([f"HTTP/1.1 {status} -", *kept, f"Content-Length: {len(body)}", "", ""])
        connection.stream.sendall(head.encode() + body)


def main():
    server = Server(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 0)
    threading.Thread(target=server.run, daemon=True).start()
    print(server.url, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
