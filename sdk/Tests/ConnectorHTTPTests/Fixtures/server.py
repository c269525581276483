"""An HTTP/1.1 server with bad manners, for the client's tests. Prints `PORT TLSPORT` once it listens.

Usage: server.py CERTIFICATE KEY
"""

import hashlib
import http.server
import json
import socket
import ssl
import struct
import sys
import threading
import time

flaky = {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def body(self, pause=0.0):
        """Pieces of the request's body, whichever way it is framed."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            while True:
                size = int(self.rfile.readline().split(b";")[0], 16)
                if size == 0:
                    self.rfile.readline()
                    return
                yield self.rfile.read(size)
                self.rfile.readline()
        left = int(self.headers.get("Content-Length") or 0)
        while left > 0:
            piece = self.rfile.read(min(left, 1 << 16))
            if not piece:
                return
            left -= len(piece)
            yield piece

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def reset(self):
        """Ends the connection the hard way: the other side gets a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def do(self):
        path, _, query = self.path.partition("?")
        parts = path.strip("/").split("/")
        what = parts[0]
        if what == "reset":
            self.rfile.read(min(1 << 16, int(self.headers.get("Content-Length") or 0)))
            return self.reset()
        if what == "stall":
            time.sleep(float(parts[1]))
        digest, length = hashlib.sha256(), 0
        for piece in self.body():
            digest.update(piece)
            length += len(piece)
        if what == "sleep":
            time.sleep(float(parts[1]))
            return self.answer(200, b"late")
        if what == "status":
            extra = {"Retry_After": parts[2]} if len(parts) > 2 else {}
            return self.answer(int(parts[1]), b"status", **extra)
        if what == "flaky":
            flaky[parts[2]] = flaky.get(parts[2], 0) + 1
            return self.answer(503 if flaky[parts[2]] <= int(parts[1]) else 200, str(flaky[parts[2]]).encode())
        if what == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            self.wfile.write(b"x" * 1000)
            return self.reset()
        if what == "trickle":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"x")
            time.sleep(float(parts[1]))
            return self.reset()
        if what == "big":
            left = int(parts[1])
            self.send_response(int(parts[2]) if len(parts) > 2 else 200)
            self.send_header("Content-Length", str(left))
            self.end_headers()
            piece = bytes(range(256)) * 256
            while left > 0:
                self.wfile.write(piece[: min(left, len(piece))])
                left -= len(piece)
            return None
        if what == "redirect":
            return self.answer(302, b"moved", Location="/echo")
        if what == "garbage":
            self.wfile.write(b"this is no HTTP\r\n\r\n")
            self.close_connection = True
            return None
        facts = {
            "method": self.command, "path": self.path, "length": length, "sha256": digest.hexdigest(),
            "headers": [[name, value] for name, value in self.headers.items()], "port": self.client_address[1],
        }
        return self.answer(200, json.dumps(facts).encode(), Content_Type="application/json", X_Twice="one")

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, address):
        pass


plain = Server(("127.0.0.1", 0), Handler)
secure = Server(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
secure.socket = context.wrap_socket(secure.socket, server_side=True, do_handshake_on_connect=False)
for server in (plain, secure):
    threading.Thread(target=server.serve_forever, daemon=True).start()
print(plain.server_port, secure.server_port, flush=True)
# It ends with the test that started it.
sys.stdin.read()
