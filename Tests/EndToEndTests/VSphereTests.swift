import Foundation
import Support
import Testing

/// Restores onto a simulated vCenter, through the host, from backups of any format.
@Suite(
  .enabled(if: Program.isBuilt, "needs the tree that `make build` leaves"),
  .enabled(if: VCenter.isBuilt, "needs scripts/make-vcsim"))
struct VSphereTests {
  @Test(arguments: [("raw", "bios"), ("qcow2", "uefi"), ("vhdx", "bios")])
  func aBackupBecomesAMachineOfVCenter(_ format: String, _ firmware: String) async throws {
    let program = try Program()
    let vcenter = try await VCenter(in: program.folder)
    let sample = try await SampleBackup(in: program.folder, format: format)
    try rewrite(sample) {
      $0.replacing("\"memoryBytes\"", with: "\"firmware\": {\"type\": \"\(firmware)\"}, \"memoryBytes\"")
    }
    let before = try await sample.digest()
    try await vcenter.add(to: program)
    try await program.run("backups", "add", sample.folder)
    let report = try await program.run("restore", "sample", "--to", "vcenter", "--prepare", "never", "--json").json()
    let job = try #require(report["job"] as? [String: Any])
    #expect(job["status"] as? String == "completed")
    let checks = try #require(report["checks"] as? [[String: Any]])
    #expect(checks.contains { $0["kind"] as? String == "powered" && $0["pass"] as? Bool == true })
    #expect(vcenter.uploads.count == 1)
    #expect(try await sample.equals(try #require(vcenter.uploads.first), format: "vmdk"))
    // Zeros were not moved, and what was is compressed: less than the data and its tables.
    let size = try FileManager.default.attributesOfItem(atPath: vcenter.uploads[0])[.size] as? Int ?? .max
    #expect(size < 10 << 20)
    #expect(try await sample.digest() == before)

    // The name is taken now: a second restore is refused before anything moves.
    let again = try await program.run(
      "restore", "sample", "--to", "vcenter", "--prepare", "never", "--json", expecting: 3)
    #expect(again.errorCode == "plan.blocked")
    #expect(again.error.contains("taken"))
    #expect(vcenter.uploads.count == 1)
  }

  @Test func severalDisksArriveByteForByte() async throws {
    let program = try Program()
    let vcenter = try await VCenter(in: program.folder)
    let sample = try await SampleBackup(in: program.folder, format: "qcow2")
    let second = try await SampleBackup(in: program.folder, name: "second", format: "qcow2", sizeMiB: 32)
    try FileManager.default.moveItem(
      atPath: second.folder + "/disk0.qcow2", toPath: sample.folder + "/disk1.qcow2")
    try rewrite(sample) { text in
      text.replacing(
        "\"boot\": true}]",
        with: "\"boot\": true}, {\"index\": 1, \"name\": \"disk1\", \"sizeBytes\": \(32 << 20), \"boot\": false}]"
      ).replacing(
        "}]}]}", with: "}]}, {\"index\": 1, \"chain\": [{\"file\": \"disk1.qcow2\", \"format\": \"qcow2\"}]}]}")
    }
    try await vcenter.add(to: program)
    try await program.run("backups", "add", sample.folder)
    try await program.run(
      "restore", "sample", "--to", "vcenter", "--prepare", "never", "--no-start", "--name", "pair")
    #expect(vcenter.uploads.count == 2)
    for content in [sample, second] {
      var equal = 0
      for upload in vcenter.uploads where try await content.equals(upload, format: "vmdk") { equal += 1 }
      #expect(equal == 1)
    }
    #expect(try await program.processes().filter { !$0.contains("vcsim") }.isEmpty)
  }

  @Test func anExportedArchiveIsABackupAgain() async throws {
    let program = try Program()
    let sample = try await SampleBackup(in: program.folder, format: "qcow2")
    let exports = program.folder + "/exports"
    try FileManager.default.createDirectory(atPath: exports, withIntermediateDirectories: false)
    let file = program.folder + "/files.yaml"
    try Data("delivery: ova\nfolder: \(exports)\n".utf8).write(to: URL(fileURLWithPath: file))
    try await program.run("targets", "add", "files", "--platform", "vmware", "--config", file)
    try await program.run("backups", "add", sample.folder)
    try await program.run("restore", "sample", "--to", "files", "--prepare", "never", "--no-start", "--name", "carried")
    #expect(try FileManager.default.contentsOfDirectory(atPath: exports) == ["carried.ova"])

    let added = try await program.run("backups", "add", exports + "/carried.ova", "--json").json()
    #expect(added["name"] as? String == "carried")
    try await program.addTarget()
    try await program.run("restore", "carried", "--to", "here", "--prepare", "never", "--no-start")
    #expect(try await sample.equals(program.machines + "/carried/disk0.raw"))
  }

  @Test func aWrongPasswordIsSaidToBeWrong() async throws {
    let program = try Program()
    let vcenter = try await VCenter(in: program.folder)
    let sample = try await SampleBackup(in: program.folder, format: "raw", sizeMiB: 16)
    try await vcenter.add(to: program, password: "something-else")
    try await program.run("backups", "add", sample.folder)
    let outcome = try await program.run(
      "restore", "sample", "--to", "vcenter", "--prepare", "never", "--no-start", "--json", expecting: nil)
    #expect(outcome.code != 0)
    #expect(outcome.error.contains("administrator@vsphere.local"))
    #expect(outcome.error.contains("remedy:"))
    #expect(!outcome.error.contains("something-else"))
    #expect(vcenter.uploads.isEmpty)
  }

  /// Changes the sample's own manifest.
  private func rewrite(_ sample: SampleBackup, _ change: (String) -> String) throws {
    let file = sample.folder + "/backup.json"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let changed = change(text)
    try #require(changed != text)
    try changed.write(toFile: file, atomically: true, encoding: .utf8)
  }
}
