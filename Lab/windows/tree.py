"""The files of a synthetic Windows: not enough to run, enough for every tool that looks at one or changes it."""

import io
import os
import tarfile

from binary import hive, program
from registry import EXPAND, write

# service: (file, group, first version, first version without it, how it starts after setup)
DRIVERS = {
    "intelide": ("intelide.sys", "System Bus Extender", (6, 1), None, 3),
    "pciide": ("pciide.sys", "System Bus Extender", (6, 1), None, 3),
    "atapi": ("atapi.sys", "SCSI Miniport", (6, 1), None, 3),
    "msahci": ("msahci.sys", "System Bus Extender", (6, 1), (6, 2), 3),
    "storahci": ("storahci.sys", "SCSI Miniport", (6, 2), None, 3),
    "stornvme": ("stornvme.sys", "SCSI Miniport", (6, 3), None, 3),
    "storvsc": ("storvsc.sys", "SCSI Miniport", (6, 1), None, 3),
    "vmbus": ("vmbus.sys", "System Bus Extender", (6, 1), None, 3),
    "storflt": ("vmstorfl.sys", "Boot Bus Extender", (6, 1), None, 3),
    "lsi_sas": ("lsi_sas.sys", "SCSI Miniport", (6, 1), None, 0),
    "pvscsi": ("pvscsi.sys", "SCSI miniport", (6, 1), None, 0),
}
RULES = "SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules"
REMOTE_DESKTOP = "v2.10|Action=Allow|Active=FALSE|Dir=In|Protocol=6|LPort=3389|App=System|"


STORE = "System32\\DriverStore\\FileRepository"


def stored(driver, release):
    """The file of a driver that is run from the driver store, below the system's folder."""
    return f"{STORE}\\{driver}.inf_{release.architecture}_0123456789abcdef\\{driver}.sys"


def drivers(release):
    for service, (file, group, since, until, start) in DRIVERS.items():
        if release.kernel >= since and (until is None or release.kernel < until):
            yield service, file, group, start


def control_set(release):
    keys = {
        "Control\\CrashControl": {"AutoReboot": 1},
        "Control\\CriticalDeviceDatabase": {},
        "Control\\Terminal Server": {"fDenyTSConnections": 1},
        "Control\\TimeZoneInformation": {"TimeZoneKeyName": "W. Europe Standard Time"},
        "Control\\Session Manager\\Power": {"HiberbootEnabled": 0},
        "Services\\Tcpip\\Parameters": {"Hostname": "synthetic"},
        "Services\\Dhcp": {"Start": 4, "Type": 0x20},
        "Services\\TermService": {"Start": 4, "Type": 0x20},
        "Services\\VMTools": {"Start": 2, "Type": 0x10},
        f"Services\\{RULES}": {"RemoteDesktop-UserMode-In-TCP": REMOTE_DESKTOP},
    }
    for service, file, group, start in drivers(release):
        key = f"Services\\{service}"
        keys[key] = {
            "Start": start, "Type": 1, "ErrorControl": 1, "Group": group,
            "ImagePath": (EXPAND, f"system32\\drivers\\{file}"),
        }
        if start and release.kernel >= (6, 2):
            keys[f"{key}\\StartOverride"] = {"0": 3}
    for driver in release.stored:
        keys[f"Services\\{driver}"] = {
            "Start": 3, "Type": 1, "ErrorControl": 1, "Group": "SCSI miniport",
            "ImagePath": (EXPAND, f"\\SystemRoot\\{stored(driver, release)}"),
        }
        keys[f"Services\\{driver}\\StartOverride"] = {"0": 3}
    return keys


def system(release):
    keys = {
        "Select": {"Current": 1, "Default": 1, "Failed": 0, "LastKnownGood": 2},
        "MountedDevices": {"\\DosDevices\\C:": b"1234\0\0\0\x10\0\0\0\0"},
    }
    for number in (1, 2):
        keys |= {f"ControlSet00{number}\\{key}": values for key, values in control_set(release).items()}
    # A set that failed to start once is none that counts.
    keys["ControlSet003\\Services\\atapi"] = {"Start": 3}
    if release.kernel >= (6, 2):
        keys |= {f"DriverDatabase\\{key}": {} for key in ("DriverInfFiles", "DeviceIds\\PCI", "DriverPackages")}
    return keys


def software(release):
    current = {
        "ProductName": release.product, "CurrentVersion": release.version,
        "InstallationType": "Server" if release.server else "Client", "CurrentBuildNumber": str(release.build),
    }
    if release.kernel >= (10, 0):
        current |= {"CurrentMajorVersionNumber": 10, "CurrentMinorVersionNumber": 0}
    uninstall = "Microsoft\\Windows\\CurrentVersion\\Uninstall\\{11111111-2222-3333-4444-555555555555}"
    return {
        "Microsoft\\Windows NT\\CurrentVersion": current,
        "Microsoft\\Windows\\CurrentVersion": {"DevicePath": (EXPAND, "%SystemRoot%\\inf")},
        uninstall: {
            "DisplayName": "VMware Tools", "DisplayVersion": "12.3.5",
            "UninstallString": "MsiExec.exe /I{11111111-2222-3333-4444-555555555555}",
        },
    }


def boot_store():
    """Of a boot manager: the entry that it starts by default, which asks for no graphics."""
    entry = "{22222222-3333-4444-5555-666666666666}"
    return {
        "Objects\\{9dea862c-5cdd-4e70-acc1-f32b344d4795}\\Elements\\23000003": {"Element": entry},
        f"Objects\\{entry}\\Elements\\16000046": {"Element": b"\1"},
    }


def _hive(folder, name, keys):
    path = f"{folder}/{name}"
    write(path, keys)
    with open(path, "rb") as file:
        return file.read()


def _archive(path, files, folders):
    with tarfile.open(path, "w") as archive:
        for name in folders:
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))


def write_system(path, release, work):
    """The system volume, as a tar file."""
    shell = program(release.architecture)
    files = {
        "Windows/System32/cmd.exe": shell,
        "Windows/System32/config/SYSTEM": _hive(work, "system", system(release)),
        "Windows/System32/config/SOFTWARE": _hive(work, "software", software(release)),
        "pagefile.sys": b"",
    }
    for service, file, _, _ in drivers(release):
        files[f"Windows/System32/drivers/{file}"] = program(release.architecture, mark=service.encode())
    store = []
    for driver in release.stored:
        place = "Windows/" + stored(driver, release).replace("\\", "/")
        files[place] = program(release.architecture, mark=driver.encode())
        parts = place.split("/")[:-1]
        store += ["/".join(parts[:count]) for count in range(3, len(parts) + 1)]
    folders = ["Windows", "Windows/System32", "Windows/System32/config", "Windows/System32/drivers", "Windows/Temp"]
    _archive(path, files, folders + store + ["Windows/inf", "Program Files", "Users"])


def write_loader(folder):
    """The files of the EFI system partition."""
    boot = f"{folder}/EFI/Microsoft/Boot"
    os.makedirs(boot)
    with open(f"{boot}/bootmgfw.efi", "wb") as file:
        file.write(program("amd64", mark=b"boot manager"))
    write(f"{boot}/BCD", boot_store())
