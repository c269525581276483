import ConnectorProtocol
import Foundation
import Support
import Testing

@testable import Backups
@testable import Disks

/// Disks that somebody offers by NBD: qemu-nbd here, in the place of a connector.
@Suite struct RemoteBackupTests {
  private static let origin = RemoteOrigin(target: "t-1", platform: "shelf", addresses: ["shelf://a,b"])

  /// A folder with an image, offered for as long as `body` runs.
  private func offered<T: Sendable>(_ body: @escaping @Sendable (_ socket: String, _ image: String) async throws -> T)
    async throws -> T
  {
    let folder = "/tmp/remote-" + UUID().uuidString
    try StateDirectory.makePrivate(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let image = folder + "/disk.raw"
    _ = try await Tool.output("truncate", ["-s", "16M", image])
    _ = try await Tool.output("qemu-io", ["-f", "raw", "-c", "write -P 7 1M 2M", image])
    // What a guest might write to its first sector to be taken for another image.
    let trap = Data("QFI\u{fb}".utf8) + Data(count: 508)
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: image))
    try file.write(contentsOf: trap)
    try file.close()
    let chain = DiskChain(layers: [ImageLayer(path: image, format: .raw)], virtualSizeBytes: 16 << 20)
    return try await NBDExport.withExport(of: chain, socket: folder + "/0.sock", connections: 4) { _ in
      try await body(folder + "/0.sock", image)
    }
  }

  private static func result(_ disks: [SourceOpen.Disk]) -> SourceOpen.Result {
    SourceOpen.Result(disks: disks, takenAt: "2026-01-02T03:04:05Z")
  }

  @Test func disksThatAreOfferedAreAMachine() async throws {
    try await offered { socket, image in
      let disk = SourceOpen.Disk(name: "a", sizeBytes: 16 << 20, generation: "g1")
      let backup = try await RemoteBackup.make(
        Self.origin, Self.result([disk]), sockets: [socket], options: ReadOptions(cpus: 3, firmware: .bios))
      #expect(backup.kind == .remote)
      #expect(backup.path == "shelf://a,b")
      #expect(backup.machine.cpu.count == 3)
      #expect(backup.disks[0].chain.layers[0].path == "shelf://a")
      let allocated = try #require(backup.disks[0].chain.allocatedBytes)
      #expect((2 << 20...3 << 20).contains(allocated))
      // The overlay carries the socket, and reads what the image holds as raw bytes.
      let overlay = (image as NSString).deletingLastPathComponent + "/top.qcow2"
      _ = try await Overlay.create(at: overlay, over: backup.disks[0].chain)
      let same = try await Tool.run("qemu-img", ["compare", "-f", "qcow2", "-F", "raw", overlay, image])
      #expect(same.exitCode == 0, "\(same.standardError)")
    }
  }

  /// A description orders the disks in its own way: each keeps the place at which it is offered.
  @Test func aDescriptionTellsTheMachine() async throws {
    let folder = "/tmp/described-" + UUID().uuidString
    try StateDirectory.makePrivate(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let instance = """
      {"Reservations": [{"Instances": [{"InstanceId": "i-1", "InstanceType": "m5.large", "RootDeviceName": "/dev/xvda",
        "CpuOptions": {"CoreCount": 2, "ThreadsPerCore": 2}, "BootMode": "uefi", "CurrentInstanceBootMode": "uefi",
        "BlockDeviceMappings": [
          {"DeviceName": "/dev/sdf", "Ebs": {"VolumeId": "vol-b"}},
          {"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": "vol-a"}}],
        "Tags": [{"Key": "Name", "Value": "web"}]}]}]}
      """
    let snapshots = """
      {"Snapshots": [
        {"SnapshotId": "snap-b", "VolumeId": "vol-b", "StartTime": "2026-01-02T03:04:05Z"},
        {"SnapshotId": "snap-a", "VolumeId": "vol-a", "StartTime": "2026-01-02T03:04:05Z"}]}
      """
    try Data(instance.utf8).write(to: URL(fileURLWithPath: folder + "/instance.json"))
    try Data(snapshots.utf8).write(to: URL(fileURLWithPath: folder + "/snapshots.json"))
    func make(_ names: [String]) async throws -> Backup {
      let disks = names.map { SourceOpen.Disk(name: $0, sizeBytes: 16 << 20, generation: "g \($0)") }
      // What was counted before is not counted again: nobody offers these.
      let known = Backup(
        name: "x", platform: "shelf", kind: .remote, path: "shelf://a,b",
        machine: MachineDescription(name: "x", cpu: .init(count: 1), memoryBytes: 1 << 30),
        disks: disks.enumerated().map { place, disk in
          var chain = DiskChain(
            remote: RemoteImage(generation: disk.generation, place: place), address: "shelf://\(disk.name)",
            sizeBytes: disk.sizeBytes)
          chain.allocatedBytes = 4096
          return BackupDisk(index: place, chain: chain)
        })
      return try await RemoteBackup.make(
        Self.origin, Self.result(disks), sockets: names.map { "/nowhere/\($0)" },
        options: ReadOptions(description: folder), known: known)
    }
    let backup = try await make(["snap-b", "snap-a"])
    #expect(backup.name == "web")
    #expect(backup.machine.cpu.count == 4)
    #expect(backup.machine.firmware.type == .uefi)
    #expect(backup.machine.disks.map(\.name) == ["/dev/xvda", "/dev/sdf"])
    #expect(backup.disks.map { $0.chain.layers[0].path } == ["shelf://snap-a", "shelf://snap-b"])
    #expect(backup.disks.map { $0.chain.layers[0].remote?.socket } == ["/nowhere/snap-a", "/nowhere/snap-b"])
    #expect(backup.withdrawn.offered(at: ["/nowhere/snap-b", "/nowhere/snap-a"]) == backup)
    for names in [["snap-a"], ["snap-a", "snap-b", "snap-c"], ["snap-a", "snap-c"]] {
      let error = await #expect(throws: AscendError.self) { try await make(names) }
      #expect(error?.code == "backup.diskMissing")
    }
  }

  @Test func theCatalogHoldsNoSocketAndWhatIsNotOfferedIsNotRead() async throws {
    let chain = DiskChain(
      remote: RemoteImage(generation: "g1", place: 0, socket: "/run/0.sock"), address: "shelf://a", sizeBytes: 16 << 20)
    var machine = MachineDescription(name: "a", cpu: .init(count: 1), memoryBytes: 1 << 30)
    machine.disks = [.init(index: 0, name: "a", sizeBytes: 16 << 20, boot: true)]
    let backup = Backup(
      name: "a", platform: "shelf", kind: .remote, path: "shelf://a", machine: machine,
      disks: [BackupDisk(index: 0, chain: chain)], origin: Self.origin)
    #expect(!backup.needsOffer)
    let kept = backup.withdrawn
    #expect(kept.needsOffer)
    let text = String(decoding: try JSONEncoder().encode(kept), as: UTF8.self)
    #expect(!text.contains("sock"))
    #expect(try JSONDecoder().decode(Backup.self, from: Data(text.utf8)) == kept)
    #expect(kept.offered(at: ["/run/0.sock"]) == backup)
    let error = await #expect(throws: AscendError.self) {
      try await AllocationMap.allocatedBytes(of: kept.disks[0].chain)
    }
    #expect(error?.code == "disk.notOffered")
  }

  @Test func whatAConnectorSaysIsCheckedFirst() async throws {
    func refused(_ result: SourceOpen.Result) async {
      let sockets = result.disks.indices.map { "/nowhere/\($0).sock" }
      let error = await #expect(throws: AscendError.self) {
        try await RemoteBackup.make(Self.origin, result, sockets: sockets, options: ReadOptions())
      }
      #expect(error?.code == "backup.unsupported")
    }
    await refused(Self.result([]))
    for size in [0, 511, 1 << 62, -512] as [Int64] {
      await refused(Self.result([.init(name: "a", sizeBytes: size, generation: "g")]))
    }
    var said = Self.result([.init(name: "a", sizeBytes: 512, generation: "g")])
    said.machine = MachineDescription(name: "m", cpu: .init(count: 1), memoryBytes: 1 << 30)
    await refused(said)
  }
}
