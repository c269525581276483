import ConnectorProtocol
import Disks
import Foundation
import Support
import Testing

@testable import Backups

/// What a reader found survives being written into a `backup.json` and read again: nothing of the machine is lost there.
@Suite struct MachineRoundTripTests {
  @Test(arguments: [
    (CloudStackTests.machine, ["a": 2 << 20]),
    (AWSTests.reservations(AWSTests.instance()), [AWSTests.root: 1 << 20, AWSTests.data: 1 << 20]),
    (NutanixTests.third, ["d-scsi": 2 << 20, "d-sata": 1 << 20]),
    (NutanixTests.fourth, ["e-0": 1 << 20, "e-1": 1 << 20]),
    (AzureTests.flat, ["vm1_OsDisk_1_ab12": 1 << 20, "vm1_data": 1 << 20]),
  ])
  func throughTheManifest(_ description: String, _ images: [String: Int]) async throws {
    let folder = try TestFolder()
    try folder.json("vm.json", description)
    for (name, size) in images { try folder.raw("\(name).raw", size: size) }
    let first = try await BackupReader.read(folder.path)
    #expect(!first.machine.identity.source.isEmpty)
    let disks = first.disks.map { disk in
      BackupDocument.Disk(
        index: disk.index,
        chain: disk.chain.layers.map { .init(file: ($0.path as NSString).lastPathComponent, format: $0.format) })
    }
    let document = BackupDocument(
      schema: BackupDocument.currentSchema, platform: first.platform, takenAt: "2026-01-02T03:04:05Z",
      machine: first.machine, disks: disks)
    try folder.write("backup.json", try JSONEncoder().encode(document))
    let second = try await BackupReader.read(folder.path)
    #expect(second.kind == .manifest)
    #expect(second.machine == first.machine)
    #expect(second.disks == first.disks)
  }
}
