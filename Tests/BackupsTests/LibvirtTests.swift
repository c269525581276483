import ConnectorProtocol
import Disks
import Foundation
import Support
import Testing

@testable import Backups

@Suite struct LibvirtTests {
  static let text = """
    <domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
      <name>web-01</name><uuid>1b4e28ba-2fa1-11d2-883f-0016d3cca427</uuid>
      <title>Web</title><description>the web server</description>
      <metadata><libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0">
        <libosinfo:os id="http://debian.org/debian/12"/></libosinfo:libosinfo>
        <nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1"><nova:name>w</nova:name></nova:instance>
      </metadata>
      <memory unit='GiB'>2</memory><currentMemory unit='KiB'>1048576</currentMemory>
      <vcpu placement='static' current='4'>8</vcpu>
      <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
        <loader readonly='yes' secure='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.secboot.fd</loader>
        <nvram>/var/lib/libvirt/qemu/nvram/web_VARS.fd</nvram></os>
      <features><acpi/><smm state='on'/></features>
      <cpu mode='host-passthrough'><topology sockets='1' dies='1' cores='2' threads='2'/></cpu>
      <clock offset='localtime'/>
      <devices>
        <emulator>/usr/bin/qemu-system-x86_64</emulator>
        <disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='none'/>
          <source file='/var/lib/libvirt/images/web/top.qcow2'/><target dev='vda' bus='virtio'/>
          <boot order='2'/><serial>S1</serial></disk>
        <disk type='block' device='disk'><driver name='qemu' type='raw'/><source dev='/dev/vg/data'/>
          <target dev='sda' bus='scsi'/><boot order='1'/>
          <address type='drive' controller='0' bus='0' target='0' unit='3'/></disk>
        <disk type='file' device='cdrom'><source file='/iso/debian.iso'/><target dev='sdb' bus='sata'/></disk>
        <controller type='scsi' index='0' model='virtio-scsi'/><controller type='usb' index='0'/>
        <interface type='bridge'><mac address='52:54:00:AA:bb:cc'/><source bridge='br0'/><model type='virtio'/>
          <ip address='192.0.2.5' prefix='24'/></interface>
        <interface type='network'><mac address='52:54:00:aa:bb:cd'/><source network='default'/><link state='down'/>
          <bandwidth><inbound average='1000'/></bandwidth></interface>
        <graphics type='vnc'/><tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>
        <hostdev mode='subsystem' type='pci'/>
      </devices>
      <qemu:commandline><qemu:arg value='-x'/></qemu:commandline>
    </domain>
    """

  private func domain(_ change: (inout String) -> Void = { _ in }) throws -> LibvirtDomain {
    var text = Self.text
    change(&text)
    return try LibvirtDomain.parse(Array(text.utf8))
  }

  @Test func theMachine() throws {
    let domain = try domain()
    #expect(domain.name == "web-01" && domain.notes == "the web server")
    #expect(domain.memoryBytes == 2 << 30)
    #expect(domain.cpu == .init(count: 4, coresPerSocket: 2, threadsPerCore: 2))
    #expect(domain.firmware == .init(type: .uefi, secureBoot: true, tpm: true))
    #expect(domain.guest?.family == "linux" && domain.guest?.sourceID == "http://debian.org/debian/12")
    #expect(domain.identity.uuid == "1b4e28ba-2fa1-11d2-883f-0016d3cca427")
    #expect(domain.controllers == [.init(id: "scsi0", bus: "virtio-scsi"), .init(id: "virtio0", bus: "virtio-blk")])
    #expect(domain.disks.map(\.target) == ["vda", "sda"])
    #expect(domain.disks.map(\.controller) == ["virtio0", "scsi0"] && domain.disks.map(\.unit) == [0, 3])
    #expect(domain.disks.map(\.boots) == [false, true])
    #expect(domain.disks.map(\.format) == [.qcow2, .raw])
    #expect(
      domain.nics == [
        .init(index: 0, model: "virtio", mac: "52:54:00:aa:bb:cc", network: "br0", addresses: ["192.0.2.5/24"]),
        .init(index: 1, mac: "52:54:00:aa:bb:cd", network: "default", connected: false),
      ])
  }

  @Test func whatIsNotCarriedOverIsSaid() throws {
    let losses = try domain().losses
    for property in [
      "domain/clock", "domain/features", "domain/commandline", "domain/cpu/@mode", "domain/currentMemory",
      "domain/vcpu",
      "domain/os/nvram", "domain/devices/graphics", "domain/devices/hostdev", "domain/devices/tpm",
      "domain/devices/disk vda/serial", "domain/devices/disk vda/driver/@cache",
      "domain/devices/interface 52:54:00:aa:bb:cd/bandwidth", "domain/devices/disk", "domain/title",
      "domain/metadata/instance",
    ] { #expect(losses.contains { $0.property == property }, "\(property)") }
    #expect(!losses.contains { $0.property.contains("libosinfo") })
    #expect(!losses.contains { $0.property.contains("controller") || $0.property.contains("emulator") })
  }

  @Test(arguments: [
    ("<memory unit='GiB'>2</memory>", "<memory>1048576</memory>", 1 << 30),
    ("<memory unit='GiB'>2</memory>", "<memory unit='MB'>512</memory>", 512_000_000),
    ("<memory unit='GiB'>2</memory>", "<memory unit='b'>4096</memory>", 4096),
  ]) func memory(_ old: String, _ new: String, _ bytes: Int64) throws {
    #expect(try domain { $0 = $0.replacing(old, with: new) }.memoryBytes == bytes)
  }

  @Test(arguments: [
    ("<loader", "<loaders", "bios", false), ("secure='yes'", "", "uefi", false),
    ("<os>", "<os firmware='efi'><firmware><feature enabled='no' name='enrolled-keys'/></firmware>", "uefi", false),
  ]) func firmware(_ old: String, _ new: String, _ type: String, _ secure: Bool) throws {
    let changed = try domain {
      $0 = $0.replacing(old, with: new)
      if old == "<loader" { $0 = $0.replacing("</loader>", with: "</loaders>") }
    }
    #expect(changed.firmware.type.rawValue == type && changed.firmware.secureBoot == secure)
  }

  @Test(arguments: [
    ("<name>web-01</name>", ""), ("<memory unit='GiB'>2</memory>", ""), ("'GiB'>2<", "'parsec'>2<"),
    ("'GiB'>2<", "'PiB'>99999999<"), ("current='4'>8<", ">0<"), ("<domain type", "<!DOCTYPE x><domain type"),
  ]) func domainsThatAreNone(_ old: String, _ new: String) {
    #expect(throws: LibvirtDomain.Malformed.self) { try domain { $0 = $0.replacing(old, with: new) } }
  }

  /// A chain made elsewhere, its backing names those of the other computer, beside a block device's copy.
  private func folder() async throws -> (TestFolder, String) {
    let folder = try TestFolder()
    try FileManager.default.createDirectory(atPath: folder("there"), withIntermediateDirectories: true)
    try await folder.disk("there/base.qcow2", "qcow2")
    _ = try await Tool.output(
      "qemu-img",
      ["create", "-q", "-f", "qcow2", "-b", folder("there/base.qcow2"), "-F", "qcow2", folder("there/top.qcow2")])
    _ = try await Tool.output("qemu-io", ["-f", "qcow2", "-c", "write -P 7 1M 64k", folder("there/top.qcow2")])
    _ = try await Tool.output(
      "qemu-img", ["convert", "-O", "raw", folder("there/top.qcow2"), folder("wanted.raw")])
    try await folder.disk("there/sda.raw", "raw", size: 2 << 20)
    try folder.write("there/web-01.xml", Self.text.utf8)
    try FileManager.default.moveItem(atPath: folder("there"), toPath: folder("here"))
    return (folder, folder("wanted.raw"))
  }

  @Test func aDomainWithItsDisks() async throws {
    let (folder, wanted) = try await folder()
    let backup = try await BackupReader.read(folder("here"))
    #expect(backup.kind == .libvirt && backup.platform == "libvirt")
    #expect(backup.machine.disks.map(\.sizeBytes) == [4 << 20, 2 << 20])
    #expect(backup.machine.disks.map(\.boot) == [false, true])
    #expect(
      backup.disks[0].chain.layers.map { ($0.path as NSString).lastPathComponent } == ["base.qcow2", "top.qcow2"])
    let compared = try await Tool.run(
      "qemu-img", ["compare", "-F", "raw", backup.disks[0].chain.blockdevJSON(), wanted])
    #expect(compared.exitCode == 0)
    #expect(backup.disks[1].chain.layers.map(\.format) == [.raw])
    #expect(try await BackupReader.verify(backup).passed)
  }

  @Test func aMissingLinkAndAMissingDisk() async throws {
    let (folder, _) = try await folder()
    unlink(folder("here/base.qcow2"))
    #expect(try await folder.refusal(folder("here")).code == "disk.parentMissing")
    unlink(folder("here/top.qcow2"))
    #expect(try await folder.refusal(folder("here")).code == "backup.diskMissing")
  }

  /// The domain says raw, the guest wrote a header that says otherwise: the domain counts.
  @Test func aRawDiskIsNeverProbed() async throws {
    let (folder, _) = try await folder()
    let text = Self.text.replacing("type='qcow2' cache", with: "type='raw' cache")
    try folder.write("here/web-01.xml", text.utf8)
    let backup = try await BackupReader.read(folder("here"))
    #expect(backup.disks[0].chain.layers.map(\.format) == [.raw])
  }

  @Test func anEncryptedDisk() async throws {
    let (folder, _) = try await folder()
    let text = Self.text.replacing("<serial>S1</serial>", with: "<encryption format='luks'/>")
    try folder.write("here/web-01.xml", text.utf8)
    #expect(try await folder.refusal(folder("here")).code == "backup.encrypted")
  }
}
