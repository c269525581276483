"""The simulator of vCenter (Lab/vcsim): what is sent to it goes over TLS, is hashed and kept."""

import os
import pathlib
import shutil
import subprocess

from .errors import BenchError
from .process import end, output

USER, PASSWORD = "administrator@vsphere.local", "of-the-simulator"


class Simulator:
    """One server. Use it in a `with`."""

    def __init__(self, folder):
        root = pathlib.Path(__file__).resolve().parents[2]
        self._program = pathlib.Path(os.environ.get("ASCEND_TEST_VCSIM", root / ".build" / "vcsim" / "vcsim"))
        if not os.access(self._program, os.X_OK):
            raise BenchError(f"There is no {self._program}: run scripts/make-vcsim, as `make bench` does")
        self.folder = folder
        self.certificate = folder / "cert.pem"
        self.uploads = folder / "uploads"

    def __enter__(self):
        self.uploads.mkdir(parents=True)
        key = self.folder / "key.pem"
        output(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=vcenter.test",
                "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", str(key), "-out",
                str(self.certificate)])
        # Its datastores are folders below the temporary one.
        self._child = subprocess.Popen(
            [self._program, "-stdin", "-cert", self.certificate, "-key", key, "-uploads", self.uploads, "-user", USER,
             "-password", PASSWORD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": str(self.folder)})
        self.url = self._child.stdout.readline().decode().strip()
        if not self.url:
            end(self._child)
            raise BenchError(f"{self._program} ended at once")
        return self

    def __exit__(self, *_):
        end(self._child)
        self._child.stdin.close()
        self._child.stdout.close()
        shutil.rmtree(self.folder)

    @property
    def connection(self):
        return {"url": self.url, "username": USER, "caFile": str(self.certificate)}

    @property
    def images(self):
        """What has been sent into imports."""
        return list(self.uploads.glob("*.vmdk"))

    def put(self, file):
        """The command that sends a file to a datastore."""
        return ["curl", "-sS", "--fail", "-o", "/dev/null", "--cacert", str(self.certificate), "-u",
                f"{USER}:{PASSWORD}", "-T", str(file),
                f"{self.url}/folder/{pathlib.Path(file).name}?dcPath=DC0&dsName=LocalDS_0"]
