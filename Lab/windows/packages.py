"""Driver packages in the layout of the virtio-win ISO image: real INF files, programs that do nothing."""

import os

from binary import program

# driver: (service, INF file, class, class GUID, ids, group, how it starts, folder for other files)
DRIVERS = {
    "viostor": (
        "viostor", "SCSIAdapter", "{4D36E97B-E325-11CE-BFC1-08002BE10318}",
        ["PCI\\VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00, PCI\\VEN_1AF4&DEV_1001",
         "PCI\\VEN_1AF4&DEV_1042&SUBSYS_11001AF4&REV_01, PCI\\VEN_1AF4&DEV_1042"], "SCSI miniport", 0),
    "vioscsi": (
        "vioscsi", "SCSIAdapter", "{4D36E97B-E325-11CE-BFC1-08002BE10318}",
        ["PCI\\VEN_1AF4&DEV_1004&SUBSYS_00081AF4&REV_00, PCI\\VEN_1AF4&DEV_1004",
         "PCI\\VEN_1AF4&DEV_1048&SUBSYS_11001AF4&REV_01, PCI\\VEN_1AF4&DEV_1048"], "SCSI miniport", 0),
    "NetKVM": (
        "netkvm", "Net", "{4D36E972-E325-11CE-BFC1-08002BE10318}",
        ["PCI\\VEN_1AF4&DEV_1000&SUBSYS_00011AF4&REV_00, PCI\\VEN_1AF4&DEV_1000"], "NDIS", 3),
    "Balloon": (
        "balloon", "System", "{4D36E97D-E325-11CE-BFC1-08002BE10318}",
        ["PCI\\VEN_1AF4&DEV_1002&SUBSYS_00051AF4&REV_00"], None, 3),
}
# The folders of the image, and the version that the INF files in them are made for.
FOLDERS = {
    "w7": "6.1", "2k8R2": "6.1", "w8": "6.2", "2k12": "6.2", "w8.1": "6.3", "2k12R2": "6.3",
    "w10": "10.0", "w11": "10.0", "2k16": "10.0", "2k19": "10.0", "2k22": "10.0", "2k25": "10.0",
}
# Packages for the newest systems leave their files in the driver store (13), the others put them where drivers always
# were (12).
STORED = {"w11", "2k25"}
STORAGE = """AddReg = pnp_addreg

[pnp_addreg]
HKR, "Parameters\\PnpInterface", "5", %REG_DWORD%, 0x00000001
HKR, "Parameters", "BusType", %REG_DWORD%, 0x00000001
"""


def inf(driver, folder, architecture):
    service, kind, guid, ids, group, start = DRIVERS[driver]
    # Old packages say nothing of the version; those for the newest systems do.
    decoration = f"NT{architecture}" + (".10.0" if FOLDERS[folder] == "10.0" else "")
    models = "\n".join(f"%Device% = install, {line}" for line in ids)
    number = FOLDERS[folder].replace(".", "")
    place = 13 if folder in STORED else 12
    return f"""; {driver} for {folder}
[Version]
Signature = "$Windows NT$"
Class = {kind}
ClassGUID = {guid}
Provider = %Vendor%
DriverVer = 11/15/2022,{number}.92.104.22900
CatalogFile = {service}.cat

[SourceDisksNames]
1 = %Disk%,,,""

[SourceDisksFiles]
{service}.sys = 1,,

[DestinationDirs]
files = {place}

[Manufacturer]
%Vendor% = models, {decoration}

[models.{decoration}]
{models}

[install]
CopyFiles = files

[files]
{service}.sys,,,2

[install.Services]
AddService = {service}, 0x00000002, service_install

[service_install]
ServiceType = 1
StartType = {start} ; as the vendor has it
ErrorControl = 1
ServiceBinary = %{place}%\\{service}.sys
{f'LoadOrderGroup = {group}' if group else ''}
{STORAGE if kind == 'SCSIAdapter' else ''}
[Strings]
Vendor = "Synthetic, Inc."
Device = "Synthetic {driver}"
Disk = "Disk"
REG_DWORD = 0x00010001
"""


def write(root):
    """The packages below `root`, and beside them what virt-v2v wants of its own helpers."""
    for driver, (service, *_) in DRIVERS.items():
        for folder, version in FOLDERS.items():
            for architecture in ("amd64", "x86"):
                if architecture == "x86" and not folder.startswith("w"):
                    continue
                place = f"{root}/virtio-win/{driver}/{folder}/{architecture}"
                os.makedirs(place)
                # Both encodings are met.
                encoding = "utf-16" if driver == "NetKVM" else "utf-8"
                with open(f"{place}/{service}.inf", "w", encoding=encoding, newline="\r\n") as file:
                    file.write(inf(driver, folder, architecture))
                mark = f"{driver} {folder} {architecture}".encode()
                for ending, content in (("sys", program(architecture, mark=mark)), ("cat", b"catalog"), ("pdb", mark)):
                    with open(f"{place}/{service}.{ending}", "wb") as file:
                        file.write(content)
    os.makedirs(f"{root}/virtio-win/guest-agent")
    os.makedirs(f"{root}/virt-tools")
    for path in ("virtio-win/guest-agent/qemu-ga-x86_64.msi", "virtio-win/guest-agent/qemu-ga-i386.msi",
                 "virt-tools/rhsrvany.exe", "virt-tools/pnp_wait.exe"):
        with open(f"{root}/{path}", "wb") as file:
            file.write(path.encode())
