"""Lets a vCenter (its simulator: govmomi's reader of OVF) make an import specification of a descriptor, asked by pyVmomi,
and prints what it understood as JSON, for tests.

Usage: import_spec.py URL USER PASSWORD DESCRIPTOR
"""

import json
import sys

from pyVim.connect import Disconnect
from pyVmomi import vim

from read_machine import connect, device


def first(content, kind):
    view = content.viewManager.CreateContainerView(content.rootFolder, [kind], True)
    try:
        return view.view[0]
    finally:
        view.DestroyView()


def main():
    url, user, password, path = sys.argv[1:5]
    with open(path, encoding="utf-8") as file:
        descriptor = file.read()
    service = connect(url, user, password)
    try:
        content = service.RetrieveContent()
        network = first(content, vim.Network)
        parameters = vim.OvfManager.CreateImportSpecParams(
            entityName="imported",
            networkMapping=[
                vim.OvfManager.NetworkMapping(name=name, network=network) for name in sys.argv[5:]
            ],
            diskProvisioning="thin",
        )
        result = content.ovfManager.CreateImportSpec(
            descriptor, first(content, vim.ResourcePool), first(content, vim.Datastore), parameters
        )
        answer = {
            "errors": [fault.msg for fault in result.error or []],
            "warnings": [fault.msg for fault in result.warning or []],
            "files": [{"path": item.path, "size": item.size} for item in result.fileItem or []],
        }
        if result.importSpec:
            config = result.importSpec.configSpec
            answer["cpus"] = config.numCPUs
            answer["memoryMB"] = config.memoryMB
            answer["guestId"] = config.guestId
            answer["devices"] = [device(change.device) for change in config.deviceChange or []]
        json.dump(answer, sys.stdout)
    finally:
        Disconnect(service)


if __name__ == "__main__":
    main()
