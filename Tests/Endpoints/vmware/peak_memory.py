"""Lets a connector bring one disk to its platform, as the host would, and prints the most memory it took, in KiB.

Usage: peak_memory.py PROGRAM CONNECTION PASSWORD NBD-URI BYTES
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile

JOB = "0198a0c0-0000-7000-8000-0000000000ff"


class Connector:
    def __init__(self, program, folder):
        environment = {"ASCEND_CONNECTOR": "1", "PATH": os.environ["PATH"]}
        self.process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder,
            env=environment)
        self.number = 0

    def send(self, message):
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self.process.stdin.flush()

    def ask(self, method, params):
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit(f"{method}: the connector ended")
            message = json.loads(line)
            if message.get("method") == "$/ledger":
                self.send({"method": "$/ack", "params": {"seq": message["params"]["seq"]}})
            if message.get("id") == self.number:
                if "error" in message:
                    raise SystemExit(f"{method}: {message['error']['message']}")
                return message["result"]

    def change(self, method, params):
        text = json.dumps(params, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        if "source" in params:
            source = {key: value for key, value in params["source"].items() if key != "location"}
            text = json.dumps({**params, "source": source}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(text.encode()).hexdigest()
        return self.ask(method, {**params, "op": {"id": f"{JOB}-{self.number}", "attempt": 1, "digest": digest}})

    def peak(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def main():
    program, connection, password, uri, size = sys.argv[1:6]
    size = int(size)
    with tempfile.TemporaryDirectory() as folder:
        connector = Connector(program, folder)
        connector.ask(
            "initialize",
            {"protocolVersions": [1], "host": {"name": "test", "version": "1"},
             "limits": {"maxMessageBytes": 4194304}})
        connector.ask("session/open", {"connection": json.loads(connection), "secrets": {"/password": password}})
        plan = connector.ask("plan/preflight", {
            "job": JOB, "name": f"large-{size}",
            "machine": {"schema": "machine/1", "name": "m", "cpu": {"count": 1}, "memoryBytes": 1 << 29},
            "disks": [{"index": 0, "sizeBytes": size, "format": "vmdk", "subformat": "streamOptimized",
                       "access": "nbd", "boot": True}],
            "hardware": {"firmware": "bios", "secureBoot": False, "tpm": False, "arch": "x86_64",
                         "controllers": ["pvscsi"]},
            "mapping": {}, "options": {}})["plan"]
        connector.change("disk/receive", {
            "job": JOB, "plan": plan, "index": 0, "target": {},
            "source": {"kind": "nbd", "location": uri, "format": "vmdk", "sizeBytes": size, "generation": "g"}})
        print(connector.peak())
        connector.process.stdin.close()
        connector.process.wait()


if __name__ == "__main__":
    main()
