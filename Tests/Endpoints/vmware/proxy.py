"""A proxy before the vCenter simulator that does what the simulator does not: it checks the order of every element that a
client sends, as vCenter does, and breaks things on demand.

Usage: proxy.py UPSTREAM CERTIFICATE KEY
Prints its own URL. Ends when its standard input ends. Rules are posted to /-/rules as a JSON list; each has

  match    text that the SOAP method, or the path of another request, begins with
  skip     requests that pass before the rule applies (0)
  times    how often it applies (1; 0 is always)
  action   fault (name, message, detail), status (status), cut (bytes of the body that still pass), delay (seconds),
           replace (old, new: in the answer), answer (body: instead of the server's)

/-/log is what was seen: {"calls": [...], "orders": [violations]}.
"""

import http.client
import http.server
import json
import ssl
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from urllib.parse import urlparse

import api_orders

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"
FAULT = """<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault>
<faultcode>ServerFaultCode</faultcode><faultstring>{message}</faultstring>
<detail><{name}Fault xmlns="urn:vim25" xsi:type="{name}">{detail}</{name}Fault></detail>
</soapenv:Fault></soapenv:Body></soapenv:Envelope>"""


class State:
    def __init__(self):
        self.lock = threading.Lock()
        self.rules = []
        self.calls = []
        self.orders = []
        self.types, self.methods = api_orders.orders()

    def rule(self, what):
        with self.lock:
            self.calls.append(what)
            for rule in self.rules:
                if not what.startswith(rule["match"]):
                    continue
                if rule.get("skip", 0) > 0:
                    rule["skip"] -= 1
                    continue
                times = rule.get("times", 1)
                if times < 0:
                    continue
                if times == 1:
                    rule["times"] = -1
                elif times > 1:
                    rule["times"] = times - 1
                return rule
        return None

    def check(self, body):
        """vpxd reads with a cursor that only moves forward: an element out of order is unexpected."""
        envelope = ElementTree.fromstring(body)
        call = next(iter(envelope.find(ENVELOPE + "Body")))
        method = local(call.tag)
        order = self.methods.get(method)
        if order is None:
            self.violation(f"there is no method {method}")
        else:
            self.follow(call, ["_this"] + order, method)
        return method

    def follow(self, element, order, name):
        place = 0
        for child in element:
            tag = local(child.tag)
            try:
                place = order.index(tag, place)
            except ValueError:
                self.violation(f'Unexpected element tag "{tag}" seen in {name}')
            kind = child.get(XSI + "type")
            if kind and ":" not in kind and kind in self.types:
                self.follow(child, self.types[kind], kind)

    def violation(self, text):
        with self.lock:
            self.orders.append(text)


def local(tag):
    return tag.rsplit("}", 1)[-1]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state = None
    upstream = None

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.handle_request()

    do_GET = do_PUT = do_HEAD = do_POST

    def pieces(self):
        """The request's body, as it comes."""
        if "chunked" in (self.headers.get("Transfer-Encoding") or ""):
            while True:
                size = int(self.rfile.readline().split(b";")[0], 16)
                if size == 0:
                    while self.rfile.readline().strip():
                        pass
                    return
                left = size
                while left:
                    piece = self.rfile.read(min(left, 1 << 16))
                    if not piece:
                        return
                    left -= len(piece)
                    yield piece
                self.rfile.readline()
        else:
            left = int(self.headers.get("Content-Length") or 0)
            while left:
                piece = self.rfile.read(min(left, 1 << 16))
                if not piece:
                    return
                left -= len(piece)
                yield piece

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle_request(self):
        path = urlparse(self.path).path
        if path.startswith("/-/"):
            return self.control(path, b"".join(self.pieces()))
        if path == "/sdk":
            body = b"".join(self.pieces())
            return self.relay(self.state.check(body), iter([body]), len(body))
        length = self.headers.get("Content-Length")
        return self.relay(path, self.pieces(), int(length) if length else None)

    def control(self, path, body):
        state = self.state
        with state.lock:
            if path == "/-/rules":
                state.rules = json.loads(body)
                return self.answer(200, b"{}")
            return self.answer(200, json.dumps({"calls": state.calls, "orders": state.orders}).encode())

    def relay(self, what, pieces, length):
        rule = self.state.rule(what)
        action = rule["action"] if rule else None
        if action == "delay":
            time.sleep(rule["seconds"])
        if action in ("fault", "status", "answer"):
            for _ in pieces:
                pass
            if action == "status":
                return self.answer(rule["status"], rule.get("body", "").encode())
            if action == "answer":
                return self.answer(200, rule["body"].encode(), [("Content-Type", "text/xml")])
            text = FAULT.format(
                name=rule["name"], message=rule.get("message", rule["name"]), detail=rule.get("detail", ""))
            return self.answer(500, text.encode(), [("Content-Type", "text/xml")])
        limit = rule["bytes"] if action == "cut" else None
        context = ssl._create_unverified_context()
        server = http.client.HTTPSConnection(self.upstream, context=context, timeout=120)
        try:
            server.putrequest(self.command, self.path, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in ("host", "content-length", "transfer-encoding", "connection", "expect"):
                    server.putheader(name, value)
            chunked = length is None and self.command in ("POST", "PUT")
            if chunked:
                server.putheader("Transfer-Encoding", "chunked")
            elif length is not None:
                server.putheader("Content-Length", str(length))
            server.endheaders()
            passed = 0
            for piece in pieces:
                if limit is not None and passed + len(piece) > limit:
                    # The connection breaks, on both sides, in the middle of the body.
                    self.close_connection = True
                    self.connection.close()
                    return None
                passed += len(piece)
                server.send(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
            if chunked:
                server.send(b"0\r\n\r\n")
            answer = server.getresponse()
            body = answer.read()
            if action == "replace":
                body = body.replace(rule["old"].encode(), rule["new"].encode())
            headers = [
                (name, value) for name, value in answer.getheaders()
                if name.lower() not in ("content-length", "transfer-encoding", "connection")]
            return self.answer(answer.status, body, headers)
        finally:
            server.close()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


def main():
    upstream, certificate, key = sys.argv[1:4]
    Handler.state = State()
    Handler.upstream = urlparse(upstream).netloc
    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"https://127.0.0.1:{server.server_address[1]}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
