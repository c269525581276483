"""The methods of the protocol, on a platform that is a folder."""

import base64
import copy
import datetime
import hashlib
import json
import os
import time
import uuid

from folder_platform import BLOCK, ZERO_BLOCK, ContentDigest, FolderPlatform
from nbd_client import SourceError, open_source
from pace import Pace
from wire import RESOURCE_KEYS, Failure

NETWORKS = [{"id": "net-%d" % n, "name": "net-%d" % n, "attributes": {}, "eligible": True} for n in range(1, 6)]
SHELVES = [{"id": "shelf-%d" % n, "name": "shelf-%d" % n, "attributes": {"freeBytes": 1 << 40}, "eligible": True}
           for n in range(1, 4)]


def canonical(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def need(params, key, kind):
    value = params.get(key)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Failure("invalidParams", "parameter %s is missing or of the wrong type" % key)
    return value


def public(resource):
    return {key: resource[key] for key in RESOURCE_KEYS if key in resource}


class Methods:
    def __init__(self, wire, document):
        self.wire, self.fault, self.document = wire, wire.fault, document
        self.platform = None
        self.pace = Pace()

    def validate(self, params):
        connection, found = need(params, "connection", dict), []
        kinds = {"label": (str, "text"), "slots": (int, "a whole number"), "password": (str, "text")}
        for key, value in connection.items():
            if self.fault == "accepts-anything" or key not in kinds:
                continue
            kind, words = kinds[key]
            if not isinstance(value, kind) or isinstance(value, bool):
                found.append({"severity": "blocker", "code": "config.type", "summary": "%s must be %s" % (key, words),
                              "at": "/" + key, "action": "Correct it."})
        return {"diagnostics": found}

    def open(self, params):
        problems = self.validate(params)["diagnostics"]
        if problems:
            raise Failure("configInvalid", problems[0]["summary"])
        if self.fault == "logs-secret":
            self.wire.log("debug", "opening with %r" % (params.get("secrets"),))
        self.secrets = dict(params.get("secrets") or {})
        self.platform = FolderPlatform(os.path.join(params.get("stateFolder") or os.getcwd(), "platform"))
        return {"endpoint": {"product": "folder", "version": "1"}, "warnings": []}

    def check(self, _params):
        return {"state": "ready", "diagnostics": []}

    def inventory(self, params):
        items = {"network": NETWORKS, "storage": SHELVES}.get(need(params, "kind", str))
        if items is None:
            raise Failure("invalidParams", "no inventory of kind %s here" % params["kind"])
        token, size, start = params.get("pageToken"), params.get("pageSize") or 100, 0
        if token is not None and self.fault != "page-token-ignored":
            start = int(token[5:]) if token.startswith("page-") and token[5:].isdigit() else -1
            if not 0 <= start < len(items):
                raise Failure("pageTokenInvalid", "page token %r is not one of this listing" % token)
        result = {"items": items[start:start + size], "asOf": datetime.datetime.now(datetime.timezone.utc).isoformat()}
        if start + size < len(items):
            result["nextPageToken"] = "page-%d" % (start + size)
        return result

    def preflight(self, params):
        job, disks, verdicts = need(params, "job", str), [], []
        need(params, "machine", dict)
        limit = self.document["disks"]["accepts"][0]
        name = "%s-%s" % (need(params, "name", str), job.replace("-", "")[-8:])
        for disk in need(params, "disks", list):
            size = (disk["sizeBytes"] + 511) // 512 * 512
            fits = limit["minBytes"] <= size <= limit["maxBytes"]
            verdict = {"index": disk["index"], "accepted": fits, "effectiveSizeBytes": size}
            if not fits:
                verdict["why"] = "the size is outside %d…%d bytes" % (limit["minBytes"], limit["maxBytes"])
            verdicts.append(verdict)
            disks.append({"name": "%s-disk%d" % (name, disk["index"]), "size": size, "access": disk["access"]})
        hardware = need(params, "hardware", dict)
        devices = {key: hardware[key] for key in ("controllers", "nicModel") if key in hardware}
        state = {"job": job, "name": name, "disks": disks, "hardware": devices}
        digest = hashlib.sha256(canonical(state)).hexdigest()
        if self.fault == "wrong-plan-digest":
            digest = hashlib.sha256(repr(state).encode()).hexdigest()
        if self.fault == "preflight-creates":
            self.platform.put({"kind": "disk", "name": disks[0]["name"], "job": job})
        resources = [self._disk(state, index) for index in range(len(disks))] + [self._machine(state)]
        return {"plan": {"id": "plan-" + digest[:12], "digest": digest, "state": state}, "disks": verdicts,
                "adjustments": [], "resources": [public(r) for r in resources], "diagnostics": []}

    def estimate(self, params):
        self._plan(params)
        return {"items": [], "seconds": {"low": 1, "high": 60}, "confidence": "low"}

    def _plan(self, params):
        plan = need(params, "plan", dict)
        state = plan.get("state")
        if self.fault != "wrong-plan-digest" and hashlib.sha256(canonical(state)).hexdigest() != plan.get("digest"):
            raise Failure("planStale", "the plan's digest does not belong to its state")
        return state

    def _disk(self, state, index):
        return {"kind": "disk", "name": state["disks"][index]["name"], "dependsOn": [], "temporary": False,
                "costBearing": False, "details": {}, "job": state["job"]}

    def _upload(self, state, index):
        return {"kind": "upload", "name": state["disks"][index]["name"] + "-upload", "temporary": True,
                "dependsOn": [state["disks"][index]["name"]], "costBearing": False, "details": {}, "job": state["job"]}

    def _machine(self, state):
        return {"kind": "machine", "name": state["name"], "dependsOn": [disk["name"] for disk in state["disks"]],
                "temporary": False, "costBearing": False, "details": {}, "job": state["job"]}

    def _creating(self, operation, resource, make=lambda: None):
        resource = copy.deepcopy(resource)
        if self.fault == "second-on-repeat" and self.platform.get(resource["kind"], resource["name"]):
            resource["name"] += "-" + uuid.uuid4().hex[:4]
        if self.fault != "creates-unannounced" or resource["kind"] != "upload":
            operation.ledger("intend", resource, wait=True)
        resource["remoteID"] = resource["kind"] + "/" + resource["name"]
        if not self.platform.get(resource["kind"], resource["name"]):
            make()
            self.platform.put(dict(resource, op=operation.op["id"]))
        if self.fault != "creates-unannounced" or resource["kind"] != "upload":
            operation.ledger("created", resource, wait=False)
        return resource

    def prepare(self, params, operation):
        state, index = self._plan(params), need(params, "index", int)
        if not 0 <= index < len(state["disks"]):
            raise Failure("invalidParams", "the plan has no disk %d" % index)
        disk = state["disks"][index]
        self._creating(operation, self._disk(state, index), lambda: self.platform.make_disk(disk["name"], disk["size"]))
        self._creating(operation, self._upload(state, index))
        return {"target": {"disk": disk["name"]},
                "ingest": {"want": disk["access"], "requestBytes": BLOCK, "parallel": 1}}

    def _start(self, params, path):
        """Where the transfer starts, by its checkpoint."""
        token = params.get("checkpoint")
        if token is None or self.fault == "ignores-checkpoint":
            return 0
        try:
            point = json.loads(base64.b64decode(token, validate=True))
            through, generation, disk = point["through"], point["generation"], point["disk"]
        except (ValueError, KeyError, TypeError) as problem:
            if self.fault == "trusts-checkpoint":
                return 16 * BLOCK
            raise Failure("staleCheckpoint", "the checkpoint is not one of this connector") from problem
        if generation != params["source"]["generation"] and self.fault != "trusts-checkpoint":
            raise Failure("sourceChanged", "the disk changed since the checkpoint was written")
        if disk != params["target"]["disk"] or not os.path.exists(path):
            raise Failure("staleCheckpoint", "the disk of the checkpoint is gone")
        return through

    def receive(self, params, operation):
        source_facts, name = need(params, "source", dict), need(params, "target", dict).get("disk")
        self._plan(params)
        if not self.platform.get("disk", name):
            raise Failure("notFound", "disk %s does not exist" % name)
        path = self.platform.disk_path(name)
        start = self._start(params, path)
        try:
            source = open_source(source_facts)
        except SourceError as problem:
            raise Failure("sourceUnavailable", str(problem)) from problem
        try:
            result = self._transfer(source, source_facts, path, start, name, operation)
            if result and params.get("readBack"):
                result["platformDigest"] = {"algorithm": "ascend1", "value": self._read_back(path, source.size)}
            return result
        except SourceError as problem:
            reason = "connectorBug" if self.fault == "blames-itself" else "sourceUnavailable"
            raise Failure(reason, str(problem), outcome="partial", checkpoint=operation.checkpoint) from problem
        finally:
            source.close()

    def _transfer(self, source, facts, path, start, name, operation):
        digest, read, sent, skipped, saved = ContentDigest(source.size), start, 0, 0, time.monotonic()
        with open(path, "r+b") as file:
            for at in range(0, start, BLOCK):
                file.seek(at)
                block = file.read(min(BLOCK, start - at))
                digest.add(block)
                skipped, sent = (skipped + BLOCK, sent) if block == ZERO_BLOCK else (skipped, sent + len(block))
            for at in range(start, source.size, BLOCK):
                if operation.cancelled.is_set() and self.fault != "ignores-cancel":
                    if self.fault == "silent-cancel":
                        return None
                    raise Failure("cancelled", "the transfer of %s was cancelled" % name, outcome="partial",
                                  checkpoint=operation.checkpoint)
                if self.fault != "ignores-limits":
                    self.pace.wait(min(BLOCK, source.size - at), operation.cancelled.is_set)
                block = source.read(at, min(BLOCK, source.size - at))
                read += len(block)
                digest.add(block)
                if block == ZERO_BLOCK:
                    skipped += len(block)
                else:
                    file.seek(at)
                    file.write(block[:-1] + b"\x7f" if self.fault == "wrong-bytes" and at == 0 else block)
                    sent += len(block)
                if self.fault == "dies-in-transfer" and at >= 8 * BLOCK:
                    os._exit(9)
                operation.progress("transfer", at + len(block), source.size)
                if time.monotonic() - saved > 0.2 and self.fault != "no-checkpoint":
                    file.flush()
                    os.fsync(file.fileno())
                    point = {"through": at + len(block), "generation": facts["generation"], "disk": name}
                    operation.save(base64.b64encode(canonical(point)).decode(), at + len(block))
                    saved = time.monotonic()
            operation.progress("transfer", source.size, source.size, final=True)
            if self.fault == "wrong-bytes":
                digest.leaves[0] = hashlib.sha256(b"wrong").digest()
        return {"disk": {"disk": name}, "bytesRead": read, "bytesSent": sent, "bytesSkipped": skipped,
                "digest": digest.text()}

    def _read_back(self, path, size):
        digest = ContentDigest(size)
        with open(path, "rb") as file:
            for at in range(0, size, BLOCK):
                block = file.read(min(BLOCK, size - at))
                digest.add(ZERO_BLOCK if self.fault == "wrong-read-back" else block)
        return digest.text()

    def create(self, params, operation):
        state = self._plan(params)
        for disk in state["disks"]:
            if not self.platform.get("disk", disk["name"]):
                raise Failure("notFound", "disk %s does not exist" % disk["name"])
        made = self._creating(operation, self._machine(state))
        return {"machine": {"id": made["remoteID"], "name": made["name"]}}

    def _existing(self, params):
        name = need(params, "machine", dict).get("name")
        machine = self.platform.get("machine", name)
        if not machine:
            raise Failure("notFound", "machine %s does not exist" % name)
        return machine

    def configure(self, params, _operation):
        machine = self._existing(params)
        self.platform.put(dict(machine, tags=params.get("tags") or {}, notes=params.get("notes")))
        return {"applied": ["tags", "notes"], "ignored": []}

    def power(self, params, _operation):
        machine = self._existing(params)
        state = "on" if need(params, "state", str) == "on" else "off"
        self.platform.put(dict(machine, power=state))
        return {"state": state}

    def promote(self, params, _operation):
        state, machine = self._plan(params), self._existing(params)
        if self.fault == "forgets-after-commit" and machine.get("job") is None:
            raise Failure("notFound", "machine %s is not of this job any more" % machine["name"])
        before = machine.get("hardware") or state["hardware"]
        after = dict(before, **need(params, "hardware", dict))
        known = {controller["id"] for controller in self.document["controllers"]}
        models = {nic["model"] for nic in self.document["nics"]} | {None}
        fits = len(after["controllers"]) == len(state["disks"]) and known.issuperset(after["controllers"])
        if not (fits and after.get("nicModel") in models) and self.fault != "promotes-to-anything":
            raise Failure("mappingInvalid", "there is no such hardware here: %r" % (after,))
        if after != before and machine.get("power") == "on":
            raise Failure("existsIncompatible", "machine %s is running" % machine["name"])
        if after != before and self.fault != "promotes-nothing":
            self.platform.put(dict(machine, hardware=after))
        changed = after != before or self.fault == "promotes-again"
        return {"hardware": after, "previous": before, "changed": changed}

    def verify(self, params, _operation):
        machine, results = self._existing(params), []
        for check in need(params, "checks", list):
            known = check.get("kind") == "powered"
            detail = "power is %s" % machine.get("power", "off") if known else "this check is not known here"
            results.append({"kind": check.get("kind"), "pass": known and machine.get("power") == "on", "detail": detail})
        return {"results": results}

    def commit(self, params, operation):
        kept, removed = [], []
        for resource in need(params, "resources", list):
            (removed if resource.get("temporary") else kept).append(public(resource))
        if self.fault != "commit-keeps-temporary":
            for resource in removed:
                self.platform.remove(resource["kind"], resource["name"])
                operation.ledger("deleted", resource, wait=False)
        for resource in self.platform.of_job(params["job"]):
            if not resource.get("temporary"):
                self.platform.put(dict(resource, job=None))
        return {"kept": kept, "removed": removed}

    def find(self, params):
        return {"resources": [public(resource) for resource in self.platform.of_job(need(params, "job", str))]}

    def delete(self, params, operation):
        return {"results": [self._delete(resource, params["job"], operation) for resource in params["resources"]]}

    def _delete(self, wanted, job, operation):
        kind, name = wanted["kind"], wanted["name"]
        answer = {"kind": kind, "name": name, "state": "deleted"}
        there = self.platform.get(kind, name)
        if not there:
            if self.fault == "second-rollback-fails":
                return dict(answer, state="failed", why="no such file")
            return dict(answer, state="absent")
        if there.get("job") != job and self.fault != "deletes-foreign":
            return dict(answer, state="foreign", why="it bears no mark of this job")
        if any(name in other.get("dependsOn", []) for other in self.platform.all()):
            return dict(answer, state="blocked", why="another resource still uses it")
        if self.fault != "leaves-behind" or kind != "disk":
            self.platform.remove(kind, name)
        operation.ledger("deleted", wanted, wait=False)
        return answer
