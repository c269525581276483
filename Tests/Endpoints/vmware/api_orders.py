"""Prints, as JSON, the properties of every data class and the parameters of every method of the vim25 API in the order in
which pyVmomi declares them, by their names on the wire."""

import json

from pyVmomi import VmomiSupport, vim  # noqa: F401: importing vim registers the classes


def orders():
    types, methods = {}, {}
    for name in VmomiSupport.ListDataTypes():
        cls = VmomiSupport.GetVmodlType(name)
        if issubclass(cls, VmomiSupport.DataObject):
            types[cls._wsdlName] = [entry.name for entry in cls._GetPropertyList()]
    for name in VmomiSupport.ListManagedTypes():
        cls = VmomiSupport.GetVmodlType(name)
        for info in cls._GetMethodList():
            methods[info.wsdlName] = [parameter.name for parameter in info.params]
    return types, methods


def main():
    types, methods = orders()
    print(json.dumps({"types": types, "methods": methods}))


if __name__ == "__main__":
    main()
