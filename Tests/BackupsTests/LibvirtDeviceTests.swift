import ConnectorProtocol
import Disks
import Foundation
import Support
import Testing

@testable import Backups

/// Devices of a libvirt domain that cannot be restored, and networks that are several.
@Suite struct LibvirtDeviceTests {
  private static let nvme = """
    <disk type='nvme' device='disk'><driver name='qemu' type='raw'/>
    <source type='pci' managed='yes' namespace='1'>
      <address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source>
    <target dev='vda' bus='virtio'/></disk>
    """

  /// Left out, the second disk would be the one that the machine starts from.
  @Test(arguments: [
    nvme,
    "<disk type='vhostuser' device='disk'><source type='unix' path='/run/x.sock'/><target dev='vda' bus='virtio'/></disk>",
    "<disk type='vhostvdpa' device='disk'><source dev='/dev/vhost-vdpa-0'/><target dev='vda' bus='virtio'/></disk>",
    "<disk type='file' device='disk'><target dev='vda' bus='virtio'/></disk>",
  ]) func aDiskWhoseDataIsElsewhere(_ disk: String) async throws {
    let folder = try TestFolder()
    try await folder.disk("data.qcow2", "qcow2")
    try folder.json("web.xml", TestDomain.text(disk + TestDomain.disk("vdb", "data.qcow2")))
    let error = try await folder.refusal(folder("web.xml"))
    #expect(error.code == "backup.unsupported" && error.message.contains("vda"))
    // Whoever copied its data away has said so by the file's name.
    try folder.raw("vda.raw")
    let backup = try await BackupReader.read(folder("web.xml"))
    #expect(backup.machine.disks.map(\.name) == ["vda", "vdb"])
    #expect(backup.machine.disks.map(\.boot) == [true, false])
  }

  /// The guest wrote the header of a qcow2 into its own disk: the file's name says what it is.
  @Test func aCopyThatIsCalledRawIsRaw() async throws {
    let folder = try TestFolder()
    try await folder.disk("vda.raw", "qcow2")
    try folder.json("web.xml", TestDomain.text(Self.nvme))
    let backup = try await BackupReader.read(folder("web.xml"))
    #expect(backup.disks[0].chain.layers.map(\.format) == [.raw])
  }

  @Test func aDeviceOfTheHost() async throws {
    let folder = try TestFolder()
    try await folder.disk("data.qcow2", "qcow2")
    let device = """
      <hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host2'/>
      <address bus='0' target='1' unit='0'/></source></hostdev>
      """
    try folder.json("web.xml", TestDomain.text(TestDomain.disk("vda", "data.qcow2") + device))
    let error = try await folder.refusal(folder("web.xml"))
    #expect(error.code == "backup.unsupported" && error.message.contains("scsi_host2"))
  }

  /// What it started from is not there, and may be no disk at all: the choice of another is said.
  @Test(arguments: [("1", "2", true), ("1", "", true), ("2", "1", false), ("", "", false)])
  func aStartFromADeviceOfTheHost(_ device: String, _ disk: String, _ isSaid: Bool) throws {
    func order(_ number: String) -> String { number.isEmpty ? "" : "<boot order='\(number)'/>" }
    let devices =
      TestDomain.disk("vda", "a.qcow2").replacing("</disk>", with: order(disk) + "</disk>")
      + "<hostdev mode='subsystem' type='pci'>\(order(device))</hostdev>"
    let domain = try LibvirtDomain.parse(Array(TestDomain.text(devices).utf8))
    #expect(domain.disks.map(\.boots) == [true])
    #expect(domain.findings.contains { $0.contains("device of the host") && $0.contains("vda") } == isSaid)
  }

  @Test func groupsOfANetworkAreNetworks() throws {
    func nic(_ source: String) -> String { "<interface type='network'><source \(source)/></interface>" }
    let text = TestDomain.text(
      nic("network='ovs' portgroup='vlan5'") + nic("network='ovs' portgroup='vlan6' portid='x' bridge='ovsbr0'")
        + nic("network='ovs'") + nic("network='ovs' portgroup=''") + nic("bridge='br0' portgroup='x'"))
    let domain = try LibvirtDomain.parse(Array(text.utf8))
    #expect(domain.nics.map(\.network) == ["ovs/vlan5", "ovs/vlan6", "ovs", "ovs", "br0"])
  }

  /// Of what is read, the rest is not: attributes of elements that are known, and what stands in a disk's source.
  @Test func theRestOfWhatIsRead() throws {
    let text = TestDomain.text(
      """
      <disk type='network' device='disk'><driver name='qemu' type='raw'/>
        <source protocol='rbd' name='pool/image' query='token=hunter2'><host name='mon1' port='6789'/>
          <auth username='libvirt'><secret type='ceph' uuid='1'/></auth></source>
        <target dev='vda' bus='virtio' rotation_rate='1'/><boot order='1' loadparm='2'/>
        <blockio logical_block_size='512' physical_block_size='4096'/></disk>
      <interface type='direct'><mac address='52:54:00:aa:bb:cc' type='static'/><source dev='eth0' mode='bridge'/>
        <model type='virtio'/><ip address='192.0.2.5' prefix='24' peer='192.0.2.1'/></interface>
      """
    ).replacing("<vcpu>", with: "<vcpu cpuset='0-3' current='1'>").replacing(
      "<memory ", with: "<memory dumpCore='off' ")
    let domain = try LibvirtDomain.parse(Array(text.utf8))
    let losses = Dictionary(domain.losses.map { ($0.property, $0.value ?? "") }, uniquingKeysWith: { one, _ in one })
    #expect(
      losses == [
        "domain/memory/@dumpCore": "off", "domain/vcpu/@cpuset": "0-3", "domain/vcpu": "2",
        "domain/devices/disk vda/source/@protocol": "rbd",
        "domain/devices/disk vda/source/@query": "",
        "domain/devices/disk vda/source/host": "name=mon1 port=6789",
        "domain/devices/disk vda/source/auth": "username=libvirt",
        "domain/devices/disk vda/target/@rotation_rate": "1", "domain/devices/disk vda/boot/@loadparm": "2",
        "domain/devices/disk vda/blockio/@physical_block_size": "4096",
        "domain/devices/interface 52:54:00:aa:bb:cc/mac/@type": "static",
        "domain/devices/interface 52:54:00:aa:bb:cc/source/@mode": "bridge",
        "domain/devices/interface 52:54:00:aa:bb:cc/ip/@peer": "192.0.2.1",
      ])
    #expect(domain.disks[0].sectorBytes == 512)
    let odd = try LibvirtDomain.parse(Array(text.replacing("size='512'", with: "size='1024'").utf8))
    #expect(odd.losses.contains { $0.property.hasSuffix("blockio/@logical_block_size") && $0.value == "1024" })
  }

  /// A description with more than can be listed says that there is more.
  @Test func moreThanCanBeListed() throws {
    let text = TestDomain.text((0..<600).map { "<sound model='m\($0)'/>" }.joined())
    let losses = try LibvirtDomain.parse(Array(text.utf8)).losses
    #expect(losses.count == 501 && losses.last?.property == "More")
  }
}
