"""The measures, each a function that takes a `Bench` and gives its figures."""

from . import (aws, catalog, conformance, convert, file, guest, handshake, images, memory, read, sparse, stream,
               vmware)

ALL = {module.__name__.rpartition(".")[2]: module.measure
       for module in (stream, file, sparse, memory, read, images, convert, vmware, handshake, conformance, catalog,
                      guest, aws)}
