"""A host as small as can be: drives a connector by JSON-RPC, one line a message, as protocol/README.md says."""

import hashlib
import json
import subprocess
import tempfile
import time
import uuid

from .errors import BenchError
from .process import end

# Members that the digest of an operation leaves out.
EXCLUDED = {"op", "_meta", "checkpoint"}
EXCLUDED_OF_SOURCE = {"location", "certificateSHA256"}


def time_ordered_uuid():
    """A UUID of version 7."""
    value = (time.time_ns() // 1_000_000 << 80) | (uuid.uuid4().int & ((1 << 80) - 1))
    value = value & ~(0xF << 76) | 7 << 76
    return str(uuid.UUID(int=value & ~(3 << 62) | 2 << 62))


def digest(params):
    """The digest by which a connector tells a repeated operation."""
    hashed = {key: value for key, value in params.items() if key not in EXCLUDED}
    if "source" in hashed:
        hashed["source"] = {k: v for k, v in hashed["source"].items() if k not in EXCLUDED_OF_SOURCE}
    text = json.dumps(hashed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


class ConnectorFailure(BenchError):
    """A connector's answer was an error."""

    def __init__(self, method, error):
        super().__init__(f"{method}: {json.dumps(error)}")
        self.retryable = bool(error.get("data", {}).get("retryable"))


class Connector:
    """One connector process. Use it in a `with`."""

    def __init__(self, executable, folder):
        self._executable = str(executable)
        self._folder = folder
        self._next = 0

    def __enter__(self):
        self._errors = tempfile.TemporaryFile()
        self._child = subprocess.Popen(
            [self._executable], cwd=self._folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors)
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self.call("shutdown", {})
                self._child.stdin.close()
                self._child.wait(20)
        finally:
            end(self._child)
            self._child.stdout.close()
            self._errors.close()

    @property
    def pid(self):
        return self._child.pid

    def initialize(self):
        return self.call("initialize", {
            "protocolVersions": [1], "host": {"name": "ascend-bench", "version": "1"},
            "limits": {"maxMessageBytes": 4 << 20}})

    def change(self, method, params):
        """A request that changes something: it carries an operation."""
        return self.changes(method, [params])[0]

    def changes(self, method, each):
        """Several such requests at once; their results."""
        return self._ask(method, [
            {**params, "op": {"id": time_ordered_uuid(), "attempt": 1, "digest": digest(params)}} for params in each])

    def call(self, method, params):
        """Sends a request and waits for its result."""
        return self._ask(method, [params])[0]

    def _ask(self, method, each):
        """Sends requests and waits for their results; ledger entries that arrive meanwhile are acknowledged."""
        waiting = {}
        for params in each:
            self._next += 1
            waiting[self._next] = None
            self._send({"jsonrpc": "2.0", "id": self._next, "method": method, "params": params})
        left = set(waiting)
        while left:
            message = self._receive(method)
            if message.get("id") in left and "method" not in message:
                if "error" in message:
                    raise ConnectorFailure(method, message["error"])
                waiting[message["id"]] = message["result"]
                left.remove(message["id"])
            elif message.get("method") == "$/ledger":
                self._send({"jsonrpc": "2.0", "method": "$/ack", "params": {"seq": message["params"]["seq"]}})
        return list(waiting.values())

    def _send(self, message):
        self._child.stdin.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
        self._child.stdin.flush()

    def _receive(self, method):
        line = self._child.stdout.readline()
        if not line:
            self._errors.seek(0)
            said = self._errors.read().decode(errors="replace")[-2000:]
            raise BenchError(f"{self._executable} ended during {method}:\n{said}")
        return json.loads(line)
