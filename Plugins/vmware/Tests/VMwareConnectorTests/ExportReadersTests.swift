import ConnectorKit
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import VMwareConnector

/// What others make of an exported archive: a schema, govmomi's reader of OVF, and virt-v2v's.
@Suite struct ExportReadersTests {
  /// Whether a program is there; without it the test that asks it is left out.
  private static func has(_ program: String) -> Bool {
    ["/usr/bin/", "/usr/local/bin/"].contains { FileManager.default.isExecutableFile(atPath: $0 + program) }
  }

  private struct Exported {
    let folder: Scratch
    let archive: String
    let descriptor: String
  }

  private func export(controllers: [DiskController], nics: [MachineDescription.NIC]) async throws -> Exported {
    let folder = try Scratch()
    let host = try await TestHost(
      ["delivery": "ova", "folder": .string(folder.path)], secrets: [:], job: JobID(TimeOrderedUUID.make()))
    let size = 4 * Images.mebibyte
    var exports: [Export] = []
    for index in controllers.indices {
      let raw = host.work.file("disk\(index).raw")
      try Images.make(raw, size: size, data: [(0, 1)])
      exports.append(try Export(raw, in: host.work))
    }
    var request = Requests.request(
      host.job, name: "carried", sizes: controllers.map { _ in size }, controllers: controllers, firmware: .uefi,
      secureBoot: true, nics: nics, cpu: .init(count: 4, coresPerSocket: 2),
      guest: .init(understood: true, family: "linux", distribution: "debian", version: "12", architecture: "x86_64"))
    request.machine.notes = "made for <others> & us"
    _ = try await host.restore(request, exports, sizes: controllers.map { _ in size })
    let archive = folder.file("carried.ova")
    let text = try await tool("tar", ["-xOf", archive, "carried.ovf"])
    try #require(text.code == 0, "\(text.error)")
    try text.output.write(toFile: folder.file("carried.ovf"), atomically: true, encoding: .utf8)
    return Exported(folder: folder, archive: archive, descriptor: folder.file("carried.ovf"))
  }

  private static let network = MachineDescription.NIC(index: 0, mac: "00:50:56:01:02:03", network: "LAN <1>")

  @Test(.enabled(if: has("xmllint"), "needs libxml2-utils"), arguments: [true, false])
  func theDescriptorIsValid(_ full: Bool) async throws {
    let exported = try await export(
      controllers: full ? DiskController.allCases.filter { $0 != .ide } : [.pvscsi], nics: full ? [Self.network] : [])
    let schema = Simulator.endpoints + "/ovf/envelope.xsd"
    let valid = try await tool("xmllint", ["--noout", "--nonet", "--schema", schema, exported.descriptor])
    #expect(valid.code == 0, "\(valid.error)")

    // The schema can refuse: a disk of a file that is not there, elements that are not in their order.
    let text = try String(contentsOfFile: exported.descriptor, encoding: .utf8)
    for (old, new) in [
      ("ovf:fileRef=\"file0\"", "ovf:fileRef=\"file9\""),
      ("<rasd:ResourceType>4</rasd:ResourceType>", "<rasd:Zebra>4</rasd:Zebra>"),
    ] {
      let broken = exported.folder.file("broken.ovf")
      try text.replacing(old, with: new).write(toFile: broken, atomically: true, encoding: .utf8)
      let answer = try await tool("xmllint", ["--noout", "--nonet", "--schema", schema, broken])
      #expect(answer.code != 0)
    }
  }

  @Test(
    .enabled(if: Simulator.isBuilt, "needs scripts/make-vcsim"),
    .enabled(if: Simulator.hasPython, "needs scripts/test-tools"))
  func aVCenterMakesAnImportOfIt() async throws {
    // The simulator's reader knows no other controllers than these.
    let exported = try await export(controllers: [.pvscsi, .lsiLogic], nics: [Self.network])
    let simulator = try await Simulator()
    let result = try await tool(
      Simulator.python,
      [
        Simulator.endpoints + "/import_spec.py", simulator.url, Simulator.user, Simulator.password,
        exported.descriptor, "LAN <1>",
      ])
    try #require(result.code == 0, "\(result.error)")
    let understood = try JSONDecoder().decode(JSONValue.self, from: Data(result.output.utf8))
    #expect(understood["errors"] == [])
    #expect(understood["cpus"] == 4)
    #expect(understood["memoryMB"]?.integerValue ?? 0 > 0)
    #expect(understood["guestId"] == "debian12_64Guest")
    let devices = understood["devices"]?.arrayValue ?? []
    #expect(
      devices.compactMap { $0["type"]?.stringValue } == [
        "ParaVirtualSCSIController", "VirtualDisk", "VirtualLsiLogicController", "VirtualDisk", "VirtualVmxnet3",
      ])
    #expect(devices.compactMap { $0["capacityInKB"]?.integerValue } == [4096, 4096])
    let files = understood["files"]?.arrayValue?.compactMap { $0["path"]?.stringValue }
    #expect(files == ["carried-disk0.vmdk", "carried-disk1.vmdk"])
  }

  @Test(.enabled(if: has("virt-v2v"), "needs virt-v2v")) func virtV2VReadsIt() async throws {
    let exported = try await export(controllers: [.pvscsi, .sata], nics: [Self.network])
    // It checks the manifest's digests too. Nothing is converted, and nothing written.
    let read = try await tool("virt-v2v", ["-i", "ova", exported.archive, "-o", "null", "--print-source"])
    #expect(read.code == 0, "\(read.error)")
    for line in [
      "source name: carried", "hypervisor type: vmware", "nr vCPUs: 4", "cores/socket: 2", "firmware: uefi",
      "0 [scsi]", "1 [sata]", "Bridge \"LAN <1>\" mac: 00:50:56:01:02:03 [vmxnet3]",
    ] {
      #expect(read.output.contains(line), "\(read.output)")
    }

    let damaged = exported.folder.file("damaged.ova")
    var bytes = try Data(contentsOf: URL(filePath: exported.archive))
    bytes[bytes.count - 4096] ^= 1
    try bytes.write(to: URL(filePath: damaged))
    let refused = try await tool("virt-v2v", ["-i", "ova", damaged, "-o", "null", "--print-source"])
    #expect(refused.code != 0)
  }
}
