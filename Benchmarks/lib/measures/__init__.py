"""The measures, each a function that takes a `Bench` and gives its figures."""

from . import aws, catalog, conformance, file, guest, handshake, memory, sparse, stream

ALL = {module.__name__.rpartition(".")[2]: module.measure
       for module in (stream, file, sparse, memory, handshake, conformance, catalog, guest, aws)}
