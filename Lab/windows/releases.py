"""The releases of Windows that synthetic disks are made of: what of them tools look at."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Release:
    product: str
    version: str
    build: int
    server: bool
    firmware: str = "bios"
    architecture: str = "amd64"
    # Drivers that it runs from the driver store, as packages of recent years leave them there.
    stored: tuple[str, ...] = ()

    @property
    def kernel(self):
        """The version as a pair: 6.1 is Windows 7."""
        return (10, 0) if self.build >= 10240 else tuple(int(part) for part in self.version.split("."))


# From Windows 10 on CurrentVersion stays 6.3, and Windows 11 calls itself Windows 10.
RELEASES = {
    "w7x86": Release("Windows 7 Professional", "6.1", 7601, False, architecture="x86"),
    "2k8r2": Release("Windows Server 2008 R2 Standard", "6.1", 7601, True),
    "2k12": Release("Windows Server 2012 Standard", "6.2", 9200, True),
    "2k12r2": Release("Windows Server 2012 R2 Standard", "6.3", 9600, True),
    "2k16": Release("Windows Server 2016 Standard", "6.3", 14393, True),
    "2k19": Release("Windows Server 2019 Standard", "6.3", 17763, True, stored=("viostor",)),
    "w10": Release("Windows 10 Pro", "6.3", 19045, False),
    "2k22": Release("Windows Server 2022 Standard", "6.3", 20348, True, firmware="uefi"),
    "w11": Release("Windows 10 Pro", "6.3", 22631, False, firmware="uefi"),
    "2k25": Release("Windows Server 2025 Standard", "6.3", 26100, True, firmware="uefi"),
}
