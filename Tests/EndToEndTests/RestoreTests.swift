import ConnectorTesting
import Foundation
import Support
import Testing

@Suite(.enabled(if: Program.isBuilt, "needs the tree that `make build` leaves"))
struct RestoreTests {
  @Test(arguments: ["raw", "qcow2", "vmdk", "vpc", "vhdx"])
  func aBackupOfAnyFormatArrivesByteForByte(_ format: String) async throws {
    let program = try Program()
    let sample = try await SampleBackup(in: program.folder, format: format)
    let before = try await sample.digest()
    try await program.addTarget()
    let added = try await program.run("backups", "add", sample.folder, "--json").json()
    #expect(added["source_platform"] as? String == "elsewhere")

    let report = try await program.run(
      "restore", "sample", "--to", "here", "--prepare", "never", "--no-start", "--json"
    ).json()
    let job = try #require(report["job"] as? [String: Any])
    #expect(job["status"] as? String == "completed")
    #expect(job["progress_percent"] as? Double == 100)
    #expect(job["target_vm_name"] as? String == "sample")
    #expect(try await sample.equals(program.machines + "/sample/disk0.raw"))
    #expect(try await sample.digest() == before)
    // Zeros were not moved: the copy takes no more room than the data.
    let used = try await Tool.output("du", ["-m", program.machines + "/sample/disk0.raw"])
    #expect((Int(String(decoding: used, as: UTF8.self).split(separator: "\t")[0]) ?? 99) < 20)
    #expect(try await program.processes().isEmpty)
  }

  @Test(arguments: ["raw", "qcow2"])
  func theDiskFormatCanBeChosen(_ format: String) async throws {
    let program = try Program()
    let sample = try await SampleBackup(in: program.folder, format: "vmdk")
    try await program.addTarget()
    try await program.run("backups", "add", sample.folder)
    let map = program.folder + "/map.yaml"
    try Data("diskFormat: \(format)\nnetworks:\n  office: none\n".utf8).write(to: URL(fileURLWithPath: map))
    try await program.run(
      "restore", "sample", "--to", "here", "--prepare", "never", "--no-start", "--map", map, "--name", "other")
    #expect(try await sample.equals(program.machines + "/other/disk0.\(format)", format: format))
  }

  @Test func aPlanChangesNothingAndExplainsItself() async throws {
    let program = try Program()
    let sample = try await SampleBackup(in: program.folder, format: "vmdk")
    try await program.addTarget()
    try await program.run("backups", "add", sample.folder)
    let plan = try await program.run("plan", "sample", "--to", "here", "--prepare", "never", "--json").json()
    #expect(plan["schema"] as? String == "plan/1")
    #expect(plan["blocked"] as? Bool == false)
    let text = try await program.run("plan", "sample", "--to", "here", "--prepare", "never").output
    #expect(text.contains("NBD"))
    // The alternatives are named with the reason against them.
    #expect(text.contains("qcow2"))
    #expect(program.leftovers.isEmpty)
    #expect(try await program.run("jobs", "list", "--json").list().isEmpty)
  }

  @Test func aHostThatIsKilledIsTakenUpAgain() async throws {
    let program = try Program()
    // Large enough for the transfer to be caught in the act.
    let sample = try await SampleBackup(in: program.folder, format: "raw", sizeMiB: 3000, dataMiB: 2000)
    try await program.addTarget()
    try await program.run("backups", "add", sample.folder)
    let host = try program.start("restore", "sample", "--to", "here", "--prepare", "never", "--no-start")
    let job = try await runningJob(program, status: "uploading")
    kill(host.processIdentifier, SIGKILL)
    host.waitForEnd()

    // Nothing of it goes on by itself: its exports and its connector ended with it.
    try await eventually(seconds: 120) { try await program.processes().isEmpty }
    let shown = try await program.run("jobs", "show", job, "--json").json()
    #expect(shown["interrupted"] as? Bool == true)
    try await program.run("jobs", "retry", job)
    #expect(try await sample.equals(program.machines + "/sample/disk0.raw"))
    #expect(program.leftovers == ["sample"])
  }

  @Test func aCancelledJobLeavesNothing() async throws {
    let program = try Program()
    let sample = try await SampleBackup(in: program.folder, format: "raw", sizeMiB: 3000, dataMiB: 2000)
    let before = try await sample.digest()
    try await program.addTarget()
    try await program.run("backups", "add", sample.folder)
    let host = try program.start("restore", "sample", "--to", "here", "--prepare", "never", "--no-start")
    let job = try await runningJob(program, status: "uploading")
    let cancelled = try await program.run("jobs", "cancel", job, "--json").json()
    #expect(cancelled["status"] as? String == "cancelled")
    #expect(host.waitForEnd() == 130)
    #expect(program.leftovers.isEmpty)
    #expect(try await sample.digest() == before)
    #expect(try await program.processes().isEmpty)
    try await program.run("jobs", "watch", job, expecting: 130)
  }

  @Test func twoRestoresToOneNameMakeOneMachine() async throws {
    let program = try Program()
    let sample = try await SampleBackup(in: program.folder, format: "qcow2")
    try await program.addTarget()
    try await program.run("backups", "add", sample.folder)
    let arguments = ["restore", "sample", "--to", "here", "--prepare", "never", "--no-start", "--json"]
    async let first = program.run(arguments, expecting: nil)
    async let second = program.run(arguments, expecting: nil)
    let outcomes = try await [first, second]
    #expect(outcomes.filter { $0.code == 0 }.count == 1)
    let loser = try #require(outcomes.first { $0.code != 0 })
    #expect(loser.error.contains("sample"))
    #expect(loser.error.contains("remedy"))
    #expect(program.leftovers == ["sample"])
    #expect(try await sample.equals(program.machines + "/sample/disk0.raw"))
  }

  @Test func aPlatformThatTheHostHasNeverHeardOf() async throws {
    let platform = try ForeignPlatform()
    let program = try Program(connectors: platform.folder)
    let sample = try await SampleBackup(in: program.folder, format: "vhdx")
    try await program.run("backups", "add", sample.folder)
    try await program.run("targets", "add", "island", "--platform", "rogue")
    try await program.run("restore", "sample", "--to", "island", "--prepare", "never", "--no-start")
    let job = try #require(try await program.run("jobs", "list", "--json").list().first)
    #expect(job["target_platform"] as? String == "rogue")
    #expect(job["status"] as? String == "completed")
  }

  @Test(arguments: [
    ("stdout-noise", "connector.protocolViolation"), ("answers-twice", "connector.protocolViolation"),
    ("dies-in-transfer", "connector.died"),
  ])
  func aConnectorThatMisbehavesFailsItsStepAndLeavesNothing(_ fault: String, _ code: String) async throws {
    let platform = try ForeignPlatform(fault: fault)
    let program = try Program(connectors: platform.folder)
    let sample = try await SampleBackup(in: program.folder, format: "raw")
    try await program.run("backups", "add", sample.folder)
    let target = try await program.run("targets", "add", "island", "--platform", "rogue", "--json", expecting: nil)
    guard target.code == 0 else {
      #expect(target.errorCode == code)
      return
    }
    let outcome = try await program.run(
      "restore", "sample", "--to", "island", "--prepare", "never", "--no-start", "--json", expecting: 1)
    #expect(outcome.errorCode == code, "\(outcome.error)")
    #expect(outcome.error.contains("remedy:"))
    let job = try #require(try await program.run("jobs", "list", "--json").list().first)
    #expect(job["status"] as? String == "failed")
    #expect(try await program.processes().isEmpty)
    let left = try await program.run("jobs", "show", #require(job["id"] as? String), "--json").json()
    let resources = try #require(left["resources"] as? [[String: Any]])
    #expect(resources.allSatisfy { ["deleted", "abandoned"].contains($0["state"] as? String) })
  }
}

/// Waits until the newest job has `status`, and returns its id.
func runningJob(_ program: Program, status: String) async throws -> String {
  var id = ""
  try await eventually(seconds: 60) {
    let jobs = try await program.run("jobs", "list", "--json").list()
    guard let job = jobs.last, job["status"] as? String == status else { return false }
    id = job["id"] as? String ?? ""
    return true
  }
  return id
}

/// Asks again and again until `condition` holds, and fails the test when it does not in time.
func eventually(
  seconds: Double = 20, location: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
  let end = ContinuousClock.now + .seconds(seconds)
  while ContinuousClock.now < end {
    if try await condition() { return }
    try await Task.sleep(for: .milliseconds(50))
  }
  Issue.record("did not come true within \(seconds) seconds", sourceLocation: location)
}
