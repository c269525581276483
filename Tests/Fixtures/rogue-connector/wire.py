"""The wire: messages in and out, one JSON object a line, and the notifications of an operation."""

import json
import os
import sys
import threading
import time

LINE_LIMIT = 4 << 20

CODES = {
    "parseError": (-32700, "protocol", "never"), "invalidRequest": (-32600, "protocol", "never"),
    "methodNotFound": (-32601, "protocol", "never"), "invalidParams": (-32602, "protocol", "never"),
    "notInitialized": (1001, "protocol", "never"), "unsupportedVersion": (1002, "protocol", "never"),
    "messageTooLarge": (1004, "protocol", "never"), "cancelled": (1005, "control", "sameOperation"),
    "shuttingDown": (1007, "protocol", "never"), "configInvalid": (1201, "user", "afterUser"),
    "diskUnsupported": (1203, "user", "afterUser"), "mappingInvalid": (1204, "user", "afterUser"),
    "notFound": (1301, "state", "replan"), "existsIncompatible": (1302, "state", "replan"),
    "operationInProgress": (1303, "state", "sameOperation"), "operationConflict": (1304, "state", "replan"),
    "staleCheckpoint": (1305, "state", "withoutCheckpoint"), "planStale": (1306, "state", "replan"),
    "pageTokenInvalid": (1307, "state", "restartListing"), "sourceUnavailable": (1501, "host", "sameOperation"),
    "sourceChanged": (1503, "state", "withoutCheckpoint"), "connectorBug": (1699, "bug", "never"),
}
RETRYABLE = {"sameOperation", "withoutCheckpoint", "restartListing"}


class Failure(Exception):
    def __init__(self, reason, message, outcome="none", details=None, checkpoint=None):
        super().__init__(message)
        self.reason, self.message, self.outcome = reason, message, outcome
        self.details, self.checkpoint = details, checkpoint

    def body(self):
        code, category, policy = CODES[self.reason]
        data = {"reason": self.reason, "category": category, "outcome": self.outcome,
                "retry": {"policy": policy}, "retryable": policy in RETRYABLE}
        if self.details:
            data["details"] = self.details
        if self.checkpoint:
            data["checkpoint"] = self.checkpoint
        return {"code": code, "message": self.message, "data": data}


class Wire:
    def __init__(self, fault):
        self.fault = fault
        self.lock = threading.Lock()
        self.acks = {}
        self.ledger_seq = 0
        self.start = time.monotonic()

    def send(self, message):
        message = dict({"jsonrpc": "2.0"}, **message)
        if self.fault == "bare-errors" and "error" in message:
            message["error"].pop("data", None)
        if self.fault == "wrong-pair" and "error" in message:
            message["error"]["data"]["reason"] = "quotaExceeded"
        line = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        with self.lock:
            if self.fault == "stdout-noise" and "result" in message:
                line = b"connected to the folder\n" + line
            view = memoryview(line)
            while view:
                view = view[os.write(1, view):]

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def log(self, level, message):
        sys.stderr.write(json.dumps({"level": level, "message": message}) + "\n")
        sys.stderr.flush()

    def acknowledged(self, seq):
        event = self.acks.pop(seq, None)
        if event:
            event.set()

    def lines(self):
        """Lines of standard input; None in place of one that is too long. Ends with the input."""
        pending, too_long = bytearray(), False
        limit = LINE_LIMIT * 4 if self.fault == "accepts-oversized" else LINE_LIMIT
        while True:
            data = os.read(0, 1 << 16)
            if not data:
                return
            while data:
                at = data.find(b"\n")
                piece, data = (data, b"") if at < 0 else (data[:at], data[at + 1:])
                if not too_long:
                    pending += piece
                    if len(pending) > limit:
                        too_long = True
                        pending = bytearray()
                if at >= 0:
                    yield None if too_long else bytes(pending)
                    pending, too_long = bytearray(), False


class Operation:
    """One request that changes something: its progress, checkpoints and ledger entries, and whether to stop."""

    def __init__(self, wire, request_id, op):
        self.wire, self.request_id, self.op = wire, request_id, op
        self.cancelled = threading.Event()
        self.checkpoint = None
        self.seq = 0
        self.last = 0.0
        self.state = ("begin", 0, None)

    def progress(self, phase, done, total=None, final=False, heartbeat=False):
        fault = self.wire.fault
        self.state = (phase, done, total)
        now = time.monotonic()
        if fault == "no-progress" or (now - self.last < 0.25 and not final and fault != "floods-progress"):
            return
        self.last = now
        self.seq += 1
        params = {"op": self.op["id"], "phase": phase, "seq": self.seq, "done": done, "unit": "bytes"}
        if total is not None:
            params["total"] = total
        if heartbeat:
            params["heartbeat"] = True
        for _ in range(12 if fault == "floods-progress" else 1):
            self.wire.notify("$/progress", dict(params, seq=self.seq))
            self.seq += fault == "floods-progress"
        if fault == "progress-falls":
            self.seq += 1
            self.wire.notify("$/progress", dict(params, seq=self.seq, done=0))

    def save(self, token, through):
        self.checkpoint = token
        self.seq += 1
        self.wire.notify("$/checkpoint", {"op": self.op["id"], "seq": self.seq, "token": token, "through": through})

    def ledger(self, event, resource, wait):
        wire = self.wire
        if event == "intend" and wire.fault == "no-intend":
            return
        with wire.lock:
            wire.ledger_seq += 2 if wire.fault == "ledger-skips" else 1
            seq = wire.ledger_seq
            acked = wire.acks[seq] = threading.Event()
        entry = {key: resource[key] for key in resource if key in RESOURCE_KEYS}
        if event == "intend":
            entry.pop("remoteID", None)
        wire.notify("$/ledger", {"seq": seq, "op": self.op["id"], "event": event, "resource": entry})
        if wait and wire.fault != "creates-before-ack":
            while not acked.wait(0.1):
                if self.cancelled.is_set():
                    raise Failure("cancelled", "cancelled while waiting for the ledger", outcome="none")


RESOURCE_KEYS = ("kind", "name", "remoteID", "parent", "dependsOn", "temporary", "costBearing", "details")
