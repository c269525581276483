import ConnectorProtocol
import Disks
import Foundation
import Support
import Testing

@testable import Backups

@Suite struct CloudStackTests {
  static let id = "5f1c8a52-7c33-4f0e-9c3c-0a8b1f6f1d11"
  static let rootPath = "0b3c6f0a-1111-4222-8333-944455556666"
  static let dataPath = "77777777-2222-4333-8444-955566667777"

  static let machine = """
    {"listvirtualmachinesresponse": {"count": 1, "virtualmachine": [{
      "id": "\(id)", "name": "web", "displayname": "Web server", "instancename": "i-2-3-VM", "state": "Running",
      "cpunumber": 4, "cpuspeed": 2000, "memory": "4096", "serviceofferingid": "so-1", "serviceofferingname": "Medium",
      "ostypeid": "os-1", "osdisplayname": "Debian GNU/Linux 12 (64-bit)", "hypervisor": "KVM", "boottype": "Uefi",
      "bootmode": "Secure", "templateid": "tm-9", "zoneid": "z-1", "userdata": "c2VjcmV0", "isdynamicallyscalable": false,
      "details": {"rootDiskController": "virtio", "dataDiskController": "scsi", "nicAdapter": "virtio",
        "cpu.corespersocket": "2", "Encrypted.Password": "abc", "cpuOvercommitRatio": "1.0"},
      "tags": [{"key": "tier", "value": "front", "resourcetype": "UserVm"}],
      "securitygroup": [{"id": "sg-1", "name": "default"}],
      "nic": [
        {"id": "n2", "deviceid": "1", "networkname": "back", "macaddress": "02:00:11:22:33:45", "ipaddress": "10.2.0.9",
         "isdefault": false, "mtu": 1500},
        {"id": "n1", "deviceid": "0", "networkname": "front", "macaddress": "02:00:11:22:33:44",
         "ipaddress": "10.1.0.9", "netmask": "255.255.255.0", "isdefault": true,
         "secondaryip": [{"id": "s", "ipaddress": "10.1.0.10"}]}]}]}}
    """

  static func volumes(root: String = rootPath, data: String = dataPath, dataDevice: Int = 1) -> String {
    """
    {"listvolumesresponse": {"count": 2, "volume": [
      {"id": "v-2", "name": "DATA-3", "type": "DATADISK", "deviceid": \(dataDevice), "size": 1048576, "path": "\(data)",
       "virtualmachineid": "\(id)", "storage": "nfs", "diskofferingname": "Large"},
      {"id": "v-1", "name": "ROOT-3", "type": "ROOT", "deviceid": 0, "size": 2097152, "path": "\(root)",
       "virtualmachineid": "\(id)", "provisioningtype": "thin"}]}}
    """
  }

  @Test func aMachineWithItsVolumes() async throws {
    let folder = try TestFolder()
    try folder.json("vm.json", Self.machine)
    try folder.json("volumes.json", Self.volumes())
    let copies = try await TestCopies(folder, ["template.qcow2", "\(Self.rootPath).qcow2"]) { "/mnt/pool-1/\($0)" }
    try folder.raw("DATA-\(Self.dataPath).raw")
    let backup = try await BackupReader.read(folder.path)
    #expect(backup.kind == .cloudStack)
    #expect(backup.platform == "cloudstack")
    #expect(backup.name == "Web server")
    let machine = backup.machine
    #expect(machine.cpu == .init(count: 4, coresPerSocket: 2))
    #expect(machine.memoryBytes == 4 << 30)
    #expect(machine.firmware == .init(type: .uefi, secureBoot: true))
    #expect(machine.disks.map(\.name) == ["ROOT-3", "DATA-3"])
    #expect(machine.disks.map(\.boot) == [true, false])
    #expect(machine.disks.map(\.sizeBytes) == [2 << 20, 1 << 20])
    #expect(machine.controllers.map(\.bus) == ["virtio-blk", "virtio-scsi"])
    #expect(machine.nics.map(\.network) == ["front", "back"])
    #expect(machine.nics[0].addresses == ["10.1.0.9/24", "10.1.0.10"])
    #expect(machine.nics.map(\.mac) == ["02:00:11:22:33:44", "02:00:11:22:33:45"])
    #expect(machine.guest?.family == "linux")
    #expect(machine.identity.uuid == Self.id)
    #expect(machine.identity.source["instancename"] == "i-2-3-VM")
    #expect(machine.tags == ["tier": "front"])
    #expect(backup.points.isEmpty)
    #expect(try await reads(backup.disks[0].chain, like: copies.contents[1]))
    let losses = Dictionary(backup.losses.map { ($0.property, $0) }, uniquingKeysWith: { first, _ in first })
    for property in ["cpuspeed", "hypervisor", "securitygroup", "details/cpuOvercommitRatio", "nic/0/mtu"] {
      #expect(losses[property] != nil, "\(property)")
    }
    #expect(losses["userdata"] != nil && losses["userdata"]?.value == nil)
    #expect(losses["details/Encrypted.Password"]?.value == nil)
    #expect(losses["memory"] == nil)
    #expect(losses["volume DATA-3: diskofferingname"]?.value == "Large")
    #expect(try await BackupReader.verify(backup).passed)
  }

  @Test func withoutVolumesTheImagesAreTakenByName() async throws {
    let folder = try TestFolder()
    try folder.json("vm.json", Self.machine)
    try await folder.disk("datadisk.b.qcow2", "qcow2")
    try await folder.disk("root.a.qcow2", "qcow2", size: 2 << 20)
    let backup = try await BackupReader.read(folder("vm.json"))
    #expect(backup.machine.disks.map(\.name) == ["root.a.qcow2", "datadisk.b.qcow2"])
    #expect(backup.findings.contains { $0.contains("does not tell of the machine's disks") })
  }

  @Test func everyStateOfAChainIsAPoint() async throws {
    let folder = try TestFolder()
    try folder.json("vm.json", Self.machine)
    try folder.json(
      "volumes.json",
      #"[{"id": "v-1", "name": "ROOT-3", "type": "ROOT", "deviceid": 0, "path": "p-1", "virtualmachineid": "\#(Self.id)"}]"#
    )
    try folder.json(
      "snapshots.json",
      #"{"snapshot": [{"id": "s-new", "name": "friday", "volumeid": "v-1", "created": "2026-01-09T01:02:03+0000"}]}"#)
    let names = ["p-1.full.qcow2", "p-1.inc-2.qcow2", "s-new.qcow2"]
    let copies = try await TestCopies(folder, names) { "/mnt/secondary/snapshots/2/\($0)" }
    let backup = try await BackupReader.read(folder.path)
    #expect(backup.points.map(\.id) == ["full", "inc-2", "s-new"])
    #expect(backup.points.map(\.parent) == [nil, "full", "inc-2"])
    #expect(backup.points.last?.name == "friday")
    #expect(backup.points.last?.takenAt?.hasPrefix("2026-01-09T01:02:03") == true)
    #expect(backup.disks == backup.points.last?.disks)
    for (place, point) in backup.points.enumerated() {
      let then = try backup.at(point.id)
      #expect(then.disks[0].chain.layers.count == place + 1)
      for (other, content) in copies.contents.enumerated() {
        #expect(try await reads(then.disks[0].chain, like: content) == (other == place))
      }
    }
    #expect(throws: AscendError.self) { try backup.at("nothing") }
  }

  @Test func aRepositoryOfBackups() async throws {
    let folder = try TestFolder()
    let times = ["2026.01.08.02.00.00", "2026.01.09.02.00.00"]
    let root = try await TestCopies(folder, times.map { "\($0)/root.\(Self.rootPath).qcow2" }) {
      "/mnt/nas/i-2-3-VM/\($0)"
    }
    for time in times {
      try await folder.disk("\(time)-data", "qcow2")
      try FileManager.default.moveItem(
        atPath: folder("\(time)-data"), toPath: folder("\(time)/datadisk.\(Self.dataPath).qcow2"))
      try folder.json("\(time)/domain-config.xml", Self.domain(memory: time == times[0] ? 1 : 2))
    }
    let backup = try await BackupReader.read(folder.path)
    #expect(backup.kind == .cloudStackBackup)
    #expect(backup.name == "i-2-3-VM")
    #expect(backup.points.map(\.id) == times)
    #expect(backup.machine.memoryBytes == 2 << 30)
    #expect(backup.machine.disks.map(\.boot) == [true, false])
    #expect(try backup.at(times[0]).machine.memoryBytes == 1 << 30)
    #expect(backup.takenAt == Timestamp.date("2026-01-09T02:00:00Z"))
    for (place, time) in times.enumerated() {
      let then = try backup.at(time)
      #expect(then.disks.count == 2)
      #expect(try await reads(then.disks[0].chain, like: root.contents[place]))
    }
    #expect(try await BackupReader.verify(backup).passed)
    // One backup alone, and one whose base lies out of its folder.
    #expect(try await BackupReader.read(folder(times[0])).points.isEmpty)
    #expect(try await folder.refusal(folder(times[1])).code == "disk.parentMissing")
    // An older one that is broken costs its own point and no more.
    try folder.json("\(times[0])/domain-config.xml", "<domain><name>x</name></domain>")
    let left = try await BackupReader.read(folder.path)
    #expect(left.points.isEmpty)
    #expect(left.findings.contains { $0.contains(times[0]) })
  }

  static func domain(memory gigabytes: Int) -> String {
    func disk(_ target: String, _ path: String) -> String {
      """
      <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/mnt/pool/\(path)'/>
      <target dev='\(target)' bus='virtio'/></disk>
      """
    }
    return """
      <domain type='kvm'><name>i-2-3-VM</name><uuid>\(id)</uuid><memory unit='KiB'>\(gigabytes << 20)</memory>
      <vcpu>2</vcpu><os><type arch='x86_64' machine='pc'>hvm</type></os><devices>
      \(disk("vda", rootPath))\(disk("vdb", dataPath))
      <interface type='bridge'><mac address='02:00:11:22:33:44'/><source bridge='brx'/><model type='virtio'/></interface>
      </devices></domain>
      """
  }
}
