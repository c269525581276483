import Foundation
import Support
import Testing

/// Restores onto a simulated Amazon EC2, through the host; what came of them is read back by boto3.
@Suite(
  .enabled(if: Program.isBuilt, "needs the tree that `make build` leaves"),
  .enabled(if: Amazon.isThere, "needs scripts/test-tools"))
struct AmazonTests {
  @Test func aBackupBecomesAnInstance() async throws {
    let program = try Program()
    let amazon = try Amazon()
    let sample = try await SampleBackup(in: program.folder, format: "qcow2")
    let before = try await sample.digest()
    try await amazon.add(to: program)
    try await program.run("targets", "check", "amazon")
    try await program.run("backups", "add", sample.folder)
    let report = try await program.run("restore", "sample", "--to", "amazon", "--prepare", "never", "--json").json()
    let job = try #require(report["job"] as? [String: Any])
    #expect(job["status"] as? String == "completed")
    let checks = try #require(report["checks"] as? [[String: Any]])
    #expect(checks.contains { $0["kind"] as? String == "powered" && $0["pass"] as? Bool == true })

    let id = try #require(job["target_vm_id"] as? String)
    let machine = try await amazon.read("machine", id)
    #expect(machine["state"] as? String == "running")
    #expect((machine["tags"] as? [String: String]) == ["Name": "sample"])
    #expect(machine["tokens"] as? String == "required")
    let disk = try #require((machine["disks"] as? [[String: Any]])?.first)
    #expect(disk["type"] as? String == "gp3")
    let snapshot = try #require(disk["snapshot"] as? String)
    let content = try await amazon.read("snapshot", snapshot, "\(64 << 20)")
    let raw = try await Tool.output("sha256sum", [sample.raw])
    #expect(String(decoding: raw, as: UTF8.self).hasPrefix(try #require(content["sha256"] as? String)))
    // Eight runs of a MiB each; zeros were not sent.
    #expect((content["blocks"] as? Int ?? 0) <= 24)
    #expect(try await sample.digest() == before)
    let left = try await amazon.read("inventory")
    #expect((left["images"] as? [String])?.isEmpty == true)
  }

  @Test func aTypeThatIsNotThereIsRefusedBeforeAnythingMoves() async throws {
    let program = try Program()
    let amazon = try Amazon()
    let sample = try await SampleBackup(in: program.folder, format: "raw", sizeMiB: 16)
    let before = try await amazon.read("inventory")
    try await amazon.add(to: program)
    try await program.run("backups", "add", sample.folder)
    let file = program.folder + "/map.yaml"
    try Data("options:\n  instanceType: z99.huge\n".utf8).write(to: URL(fileURLWithPath: file))
    let refused = try await program.run(
      "restore", "sample", "--to", "amazon", "--map", file, "--prepare", "never", "--json", expecting: 3)
    #expect(refused.error.contains("z99.huge"))
    let after = try await amazon.read("inventory")
    for kind in ["instances", "images", "snapshots", "interfaces"] {
      #expect(after[kind] as? [String] == before[kind] as? [String], "\(kind)")
    }
  }

  @Test func aWrongSecretIsSaidToBeWrong() async throws {
    let program = try Program()
    let amazon = try Amazon()
    let sample = try await SampleBackup(in: program.folder, format: "raw", sizeMiB: 16)
    try await amazon.add(to: program, secret: "not/the+secret+of/this+key")
    try await program.run("backups", "add", sample.folder)
    let outcome = try await program.run(
      "restore", "sample", "--to", "amazon", "--prepare", "never", "--no-start", "--json", expecting: nil)
    #expect(outcome.code != 0)
    #expect(outcome.error.contains("access key"))
    #expect(!outcome.error.contains("not/the+secret"))
  }
}
