import ConnectorProtocol
import Disks
import Foundation
import Support
import Testing

@testable import Backups

@Suite struct BackupDocumentTests {
  private func document(_ disks: [[BackupDocument.Image]], sizes: [Int64]) -> BackupDocument {
    BackupDocument(
      schema: BackupDocument.currentSchema, platform: "nutanix", product: "AHV 10", takenAt: "2026-05-01T10:00:00Z",
      machine: MachineDescription(
        name: "db-01", cpu: .init(count: 2), memoryBytes: 1 << 30,
        disks: sizes.enumerated().map {
          .init(index: $0, name: "disk \($0)", sizeBytes: $1, boot: $0 == 0)
        }),
      disks: disks.enumerated().map { .init(index: $0, chain: $1) })
  }

  private func write(_ document: BackupDocument, _ folder: TestFolder) throws {
    try folder.write("backup.json", try JSONEncoder().encode(document))
  }

  @Test func readsChainsOfSeveralFormats() async throws {
    let folder = try TestFolder()
    try await folder.disk("base.qcow2", "qcow2")
    _ = try await Tool.output(
      "qemu-img", ["create", "-q", "-f", "qcow2", "-b", "base.qcow2", "-F", "qcow2", folder("inc.qcow2")])
    try await folder.disk("data.vhdx", "vhdx", size: 8 << 20)
    let digest = sha256(try folder.bytes("base.qcow2"))
    let size = Int64(try folder.bytes("base.qcow2").count)
    try write(
      document(
        [
          [
            .init(file: "base.qcow2", format: .qcow2, sha256: digest.uppercased(), sizeBytes: size),
            .init(file: "./inc.qcow2", format: .qcow2),
          ], [.init(file: "data.vhdx", format: .vhdx)],
        ], sizes: [4 << 20, 8 << 20]), folder)
    let backup = try await BackupReader.read(folder.path)
    #expect(backup.kind == .manifest)
    #expect(backup.platform == "nutanix")
    #expect(backup.takenAt == Date(timeIntervalSince1970: 1_777_629_600))
    #expect(backup.disks.map(\.chain.layers.count) == [2, 1])
    #expect(backup.disks.map(\.chain.virtualSizeBytes) == [4 << 20, 8 << 20])
    #expect(backup.digests.map(\.value) == [digest])
    // Two images without a digest, and chains whose states nothing brings together.
    #expect(backup.findings.count == 3)
    #expect(try await BackupReader.read(folder("backup.json")) == backup)
    #expect(try await BackupReader.verify(backup).passed)
    // A change of an image is found.
    try folder.write("base.qcow2", [1, 2, 3])
    let report = try await BackupReader.verify(backup)
    #expect(!report.passed)
  }

  @Test(arguments: ["../x", "/etc/passwd", "a/../../x", ""]) func aFileLeadsOut(_ name: String) async throws {
    let folder = try TestFolder()
    try write(document([[.init(file: name, format: .raw)]], sizes: [512]), folder)
    #expect(try await folder.refusal(folder.path).code == "archive.unsafe")
  }

  @Test func filesThatAreNotThereOrNotWhole() async throws {
    let folder = try TestFolder()
    try write(document([[.init(file: "gone.raw", format: .raw)]], sizes: [512]), folder)
    #expect(try await folder.refusal(folder.path).code == "backup.diskMissing")
    try folder.write("gone.raw", [UInt8](repeating: 1, count: 512))
    try write(document([[.init(file: "gone.raw", format: .raw, sizeBytes: 1024)]], sizes: [512]), folder)
    #expect(try await folder.refusal(folder.path).code == "backup.diskTruncated")
    let wrong = String(repeating: "0", count: 64)
    try write(document([[.init(file: "gone.raw", format: .raw, sha256: wrong)]], sizes: [512]), folder)
    #expect(try await folder.refusal(folder.path).code == "backup.digestMismatch")
    try write(document([[.init(file: "gone.raw", format: .raw, sha256: "00")]], sizes: [512]), folder)
    #expect(try await folder.refusal(folder.path).code == "backup.manifestMalformed")
  }

  @Test func chainsThatAreNone() async throws {
    let folder = try TestFolder()
    try await folder.disk("base.raw", "raw")
    let image = BackupDocument.Image(file: "base.raw", format: .raw)
    try write(document([[image, image]], sizes: [4 << 20]), folder)
    #expect(try await folder.refusal(folder.path).code == "disk.chainLoop")
    try write(document([[]], sizes: [4 << 20]), folder)
    #expect(try await folder.refusal(folder.path).code == "disk.emptyChain")
    try write(document([[.init(file: "base.raw", format: .qcow2)]], sizes: [4 << 20]), folder)
    #expect(try await folder.refusal(folder.path).code == "disk.formatMismatch")
    try write(document([[image]], sizes: [4 << 20, 512]), folder)
    #expect(try await folder.refusal(folder.path).code == "backup.manifestMalformed")
    try write(document([[image]], sizes: [1 << 20]), folder)
    let backup = try await BackupReader.read(folder.path)
    #expect(backup.findings.contains { $0.contains("4194304 bytes") })
    #expect(backup.machine.disks[0].sizeBytes == 4 << 20)
  }

  @Test func namesWhatIsMissing() async throws {
    let folder = try TestFolder()
    try folder.write("backup.json", #"{"schema":"backup/1","platform":"x","takenAt":"2026-05-01T10:00:00Z"}"#.utf8)
    let error = try await folder.refusal(folder.path)
    #expect(error.code == "backup.manifestMalformed")
    #expect(error.cause == "machine is missing")
    try folder.write("backup.json", #"{"schema":"#.utf8)
    #expect(try await folder.refusal(folder.path).code == "backup.manifestMalformed")
  }

  @Test func survivesMutations() async throws {
    let folder = try TestFolder()
    try await folder.disk("base.raw", "raw", size: 4096)
    let good = [UInt8](
      try JSONEncoder().encode(
        document([[.init(file: "base.raw", format: .raw)]], sizes: [4096])))
    var random = TestRandom(seed: 9)
    for _ in 0..<500 {
      try folder.write("backup.json", random.mutate(good))
      do throws(AscendError) { _ = try await BackupReader.read(folder.path, checkDigests: false) } catch {
        #expect(["archive", "backup", "disk"].contains(error.code.rawValue.prefix { $0 != "." }))
      }
    }
  }
}
