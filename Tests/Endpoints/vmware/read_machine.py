"""Reads machines of a vCenter or ESXi with pyVmomi and prints them as JSON, for tests: another client than the connector.

Usage: read_machine.py URL USER PASSWORD machines | machine NAME | datastore-files | token
"""

import json
import ssl
import sys
import urllib.request
from urllib.parse import urlparse

from pyVim.connect import Disconnect, SmartConnect
from pyVmomi import vim


def connect(url, user, password):
    context = ssl._create_unverified_context()
    parts = urlparse(url)
    return SmartConnect(host=parts.hostname, port=parts.port or 443, user=user, pwd=password, sslContext=context)


def machines(content):
    view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
    try:
        return list(view.view)
    finally:
        view.DestroyView()


def device(one):
    facts = {
        "type": type(one).__name__.split(".")[-1],
        "key": one.key,
        "controllerKey": one.controllerKey,
        "unit": one.unitNumber,
    }
    if isinstance(one, vim.vm.device.VirtualDisk):
        facts["capacityInKB"] = one.capacityInKB
        facts["file"] = one.backing.fileName
        facts["thin"] = one.backing.thinProvisioned
    if isinstance(one, vim.vm.device.VirtualController):
        facts["bus"] = one.busNumber
    if isinstance(one, vim.vm.device.VirtualEthernetCard):
        facts["mac"] = one.macAddress
        facts["addressType"] = one.addressType
        backing = one.backing
        if hasattr(backing, "deviceName"):
            facts["network"] = backing.deviceName
        if hasattr(backing, "port"):
            facts["portgroup"] = backing.port.portgroupKey
    return facts


def describe(machine):
    config = machine.config
    extra = {}
    for option in config.extraConfig or []:
        extra[option.key] = str(option.value)
    return {
        "name": machine.name,
        "guestId": config.guestId,
        "version": config.version,
        "uuid": config.uuid,
        "cpus": config.hardware.numCPU,
        "coresPerSocket": config.hardware.numCoresPerSocket,
        "memoryMB": config.hardware.memoryMB,
        "firmware": config.firmware,
        "secureBoot": bool(config.bootOptions and config.bootOptions.efiSecureBootEnabled),
        "bootDisks": [entry.deviceKey for entry in (config.bootOptions.bootOrder or [])] if config.bootOptions else [],
        "annotation": config.annotation,
        "folder": machine.parent.name if machine.parent else None,
        "pool": machine.resourcePool.name if machine.resourcePool else None,
        "power": str(machine.runtime.powerState),
        "extra": extra,
        "attributes": attributes(machine),
        "devices": [device(one) for one in config.hardware.device],
    }


def attributes(machine):
    names = {field.key: field.name for field in machine.availableField or []}
    return {names.get(value.key, str(value.key)): value.value for value in machine.customValue or []}


def main():
    url, user, password, what = sys.argv[1:5]
    service = connect(url, user, password)
    try:
        content = service.RetrieveContent()
        if what == "machines":
            answer = sorted(machine.name for machine in machines(content))
        elif what == "machine":
            answer = next((describe(one) for one in machines(content) if one.name == sys.argv[5]), None)
        elif what == "datastores":
            view = content.viewManager.CreateContainerView(content.rootFolder, [vim.Datastore], True)
            answer = {one.name: one.info.url for one in view.view}
        else:
            raise SystemExit(f"unknown: {what}")
        json.dump(answer, sys.stdout)
    finally:
        Disconnect(service)


if __name__ == "__main__":
    main()
