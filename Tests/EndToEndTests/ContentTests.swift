import Foundation
import Support
import Testing

/// What a disk was found to hold is kept, and compared before and while it is used again.
@Suite(.enabled(if: Program.isBuilt, "needs the tree that `make build` leaves"))
struct ContentTests {
  private static let restore = ["restore", "sample", "--to", "here", "--no-start", "--prepare", "never"]

  /// A bit turns in the storage: neither the size nor the time of the file changes.
  private func rot(_ file: String, at offset: Int) async throws {
    try await Tool.output(
      "sh",
      [
        "-c",
        #"touch -r "$0" "$0.time" && printf x | dd of="$0" bs=1 seek="$1" conv=notrunc status=none && touch -r "$0.time" "$0" && rm "$0.time""#,
        file, String(offset),
      ])
  }

  private func verified(_ program: Program) async throws -> [String] {
    let report = try await program.run("backups", "verify", "sample", "--json", expecting: nil).json()
    let checks = try #require(report["checks"] as? [[String: Any]])
    return checks.filter { $0["kind"] as? String == "content" }.compactMap { $0["outcome"] as? String }
  }

  @Test func theFirstRestoreRecordsWhatItReadAndTheNextNotices() async throws {
    let program = try Program()
    let sample = try await SampleBackup(in: program.folder, format: "raw")
    try await program.addTarget()
    try await program.run("backups", "add", sample.folder)
    #expect(try await verified(program) == ["notChecked"])
    try await program.run(Self.restore + ["--name", "first"])
    #expect(try await verified(program) == ["passed"])

    try await rot(sample.folder + "/disk0.raw", at: 4097)
    #expect(try await verified(program) == ["failed"])
    let error = try await program.run(Self.restore + ["--name", "second"], expecting: 1).error
    #expect(error.contains("Disk 0 of the backup") && error.contains("another copy of the backup"), "\(error)")
    #expect(program.leftovers == ["first"])
  }

  @Test func whereAllIsVerifiedTheBackupIsReadFirst() async throws {
    let program = try Program()
    let sample = try await SampleBackup(in: program.folder, format: "qcow2")
    try await program.addTarget()
    try await program.run("backups", "add", sample.folder)
    try await program.run(Self.restore + ["--verify-disks", "full", "--name", "first"])
    #expect(try await verified(program) == ["passed"])

    // The last byte of the image is one of the disk's.
    let size = try #require(
      try FileManager.default.attributesOfItem(atPath: sample.folder + "/disk0.qcow2")[.size] as? Int)
    try await rot(sample.folder + "/disk0.qcow2", at: size - 1)
    let error = try await program.run(
      Self.restore + ["--verify-disks", "full", "--name", "second"], expecting: 1
    ).error
    #expect(error.contains("Disk 0 of the backup") && error.contains("another copy of the backup"))
    #expect(program.leftovers == ["first"])
  }
}
