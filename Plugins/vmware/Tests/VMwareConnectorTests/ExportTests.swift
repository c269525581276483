import ConnectorKit
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import VMwareConnector

@Suite struct ExportTests {
  static let size = 6 * Images.mebibyte + 1024

  private func exported(
    _ scratch: Scratch, _ host: TestHost, controllers: [DiskController] = [.pvscsi, .sata]
  ) async throws -> String {
    var exports: [Export] = []
    for index in 0..<2 {
      let raw = scratch.file("disk\(index).raw")
      try Images.make(raw, size: Self.size, data: [(Int64(index), 2)])
      exports.append(try Export(raw, in: scratch))
    }
    var request = Requests.request(
      host.job, name: "Büro & Co", sizes: [Self.size, Self.size], controllers: controllers, firmware: .uefi,
      secureBoot: true, nics: [.init(index: 0, mac: "00:50:56:01:02:03", network: "LAN <1>")],
      cpu: .init(count: 4, coresPerSocket: 2),
      guest: .init(understood: true, family: "linux", distribution: "debian", version: "12", architecture: "x86_64"))
    request.machine.identity.uuid = "564d1234-0000-1111-2222-333344445555"
    let (machine, _, _) = try await host.restore(request, exports, sizes: [Self.size, Self.size])
    return machine.id
  }

  private func host(_ folder: Scratch, job: JobID = JobID(TimeOrderedUUID.make())) async throws -> TestHost {
    try await TestHost(["delivery": "ova", "folder": .string(folder.path)], secrets: [:], job: job)
  }

  @Test func anArchiveHoldsDescriptorManifestAndDisksInThatOrder() async throws {
    let folder = try Scratch()
    let host = try await host(folder)
    let archive = try await exported(host.work, host)
    #expect(archive == folder.file("Büro & Co.ova"))
    // GNU tar reads it.
    let listed = try await tool("tar", ["-tf", archive])
    #expect(
      listed.output.split(separator: "\n").map(String.init)
        == ["B_ro___Co.ovf", "B_ro___Co.mf", "B_ro___Co-disk0.vmdk", "B_ro___Co-disk1.vmdk"])
    let opened = try Scratch()
    #expect(try await tool("tar", ["-xf", archive, "-C", opened.path]).code == 0)
    for index in 0..<2 {
      let disk = opened.file("B_ro___Co-disk\(index).vmdk")
      #expect(try await Images.same(host.work.file("disk\(index).raw"), disk))
      #expect(try await Images.isSound(disk))
    }
    // `SHA256(name)= digest` is what openssl writes, and sha256sum checks the same in its BSD form.
    let manifest = try String(contentsOfFile: opened.file("B_ro___Co.mf"), encoding: .utf8)
    let lines = manifest.replacing("SHA256(", with: "SHA256 (").replacing(")= ", with: ") = ")
    try lines.write(toFile: opened.file("sums"), atomically: true, encoding: .utf8)
    let checked = try await tool("sh", ["-c", "cd \(opened.path) && sha256sum --strict -c sums"])
    #expect(checked.code == 0, "\(checked.output)\(checked.error)")
    #expect(manifest.split(separator: "\n").count == 3)
  }

  @Test func theDescriptorSaysWhatTheMachineIs() async throws {
    let folder = try Scratch()
    let host = try await host(folder)
    let archive = try await exported(host.work, host)
    let text = try await tool("tar", ["-xOf", archive, "B_ro___Co.ovf"]).output
    let root = try XMLTree.parse(Data(text.utf8))
    let system = try #require(root["VirtualSystem"])
    #expect(system.string("Name") == "Büro & Co")
    #expect(system["OperatingSystemSection"]?.attributes["osType"] == "debian12_64Guest")
    #expect(root.children.map(\.name) == ["References", "DiskSection", "NetworkSection", "VirtualSystem"])
    #expect(root.at("NetworkSection.Network")?.attributes["name"] == "LAN <1>")
    let items = system["VirtualHardwareSection"]?.all("Item") ?? []
    // The schema has the elements of a device in the order of the alphabet.
    for item in items {
      let names = item.children.map(\.name).filter { $0 != "CoresPerSocket" }
      #expect(names == names.sorted())
    }
    #expect(items.map { $0.int("ResourceType") } == [3, 4, 6, 17, 20, 17, 10])
    #expect(items.first { $0.int("ResourceType") == 10 }?.string("Address") == "00:50:56:01:02:03")
    let capacities = root["DiskSection"]?.all("Disk").map { $0.attributes["capacity"] }
    #expect(capacities == [String(Self.size), String(Self.size)])
    let configuration = system["VirtualHardwareSection"]?.all("Config").map(\.attributes) ?? []
    #expect(configuration.contains { $0["key"] == "firmware" && $0["value"] == "efi" })
    #expect(configuration.contains { $0["key"] == "bootOptions.efiSecureBootEnabled" && $0["value"] == "true" })
  }

  @Test func aFileOfThatNameIsNotReplaced() async throws {
    let folder = try Scratch()
    try Data("mine".utf8).write(to: URL(filePath: folder.file("taken.ova")))
    let host = try await host(folder)
    let result = try await host.harness.request(Requests.request(host.job, name: "taken", sizes: [Self.size]))
    #expect(result.diagnostics.contains { $0.severity == .blocker && $0.code == "nameTaken" })
  }

  @Test func rollbackLeavesNothingAndACommittedFileStays() async throws {
    let folder = try Scratch()
    let first = try await host(folder)
    _ = try await exported(first.work, first)
    let other = try await host(folder, job: first.job)
    #expect(try await other.found().map(\.name) == ["Büro & Co.ova"])
    #expect(try await other.rollBack() == [.deleted])
    #expect(folder.names.isEmpty)
    let second = try await host(folder)
    _ = try await exported(second.work, second)
    let made = try await second.found()
    try await second.commit()
    #expect(folder.names == ["Büro & Co.ova"])
    #expect(try await second.delete(made).map(\.state) == [.absent])
    #expect(folder.names == ["Büro & Co.ova"])
  }

  @Test func aFileIsNoMachine() async throws {
    let folder = try Scratch()
    let host = try await host(folder)
    let archive = try await exported(host.work, host)
    let error = await #expect(throws: ConnectorError.self) {
      try await host.power(MachineReference(id: archive, name: "Büro & Co"), .on)
    }
    #expect(error?.reason == .capabilityMissing)
    #expect(error?.remedy?.contains("--no-start") == true)
  }

  @Test func sizesBeyondWhatOctalHoldsAreWrittenInBase256() throws {
    let header = try TarWriter.header("a", size: 9 << 30)
    #expect(header[124] == 0x80)
    #expect(Array(header[128..<136]) == [0, 0, 0, 2, 0x40, 0, 0, 0])
    let small = try TarWriter.header("a", size: 8)
    #expect(String(decoding: small[124..<135], as: UTF8.self) == "00000000010")
    #expect(throws: CocoaError.self) { try TarWriter.header(String(repeating: "x", count: 100), size: 1) }
  }
}
