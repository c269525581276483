import ConnectorTesting
import Foundation
import Testing

/// Limits of one job and of the whole host, changed while jobs run.
@Suite(.enabled(if: Program.isBuilt, "needs the tree that `make build` leaves"))
struct LimitTests {
  @Test func limitsChangeWhileJobsRun() async throws {
    let program = try Program()
    let sample = try await SampleBackup(in: program.folder, format: "raw", sizeMiB: 128, dataMiB: 96)
    try await program.addTarget()
    try await program.run("backups", "add", sample.folder)
    let set = try await program.run("limits", "set", "--jobs", "1", "--json").json()
    #expect(set["jobs"] as? Int == 1)
    try await program.run("limits", "set", expecting: 2)

    // At this pace it would take more than six minutes.
    let arguments = ["restore", "sample", "--to", "here", "--prepare", "never", "--no-start"]
    let first = try program.start(arguments + ["--name", "first", "--bandwidth", "256KiB"])
    let slow = try await job(of: program) { $0["status"] as? String == "uploading" }
    let second = try program.start(arguments + ["--name", "second"])
    let waiting = try await job(of: program) { $0["id"] as? String != slow }
    try await Task.sleep(for: .seconds(2))
    let jobs = try await program.run("jobs", "list", "--json").list()
    #expect(jobs.first { $0["id"] as? String == slow }?["status"] as? String == "uploading")
    #expect((jobs.first { $0["id"] as? String == slow }?["progress_percent"] as? Double ?? 100) < 50)
    #expect(jobs.first { $0["id"] as? String == waiting }?["status"] as? String == "pending")
    #expect(program.leftovers.allSatisfy { !$0.contains("second") })

    let start = ContinuousClock.now
    let lifted = try await program.run("jobs", "limit", slow, "--bandwidth", "none", "--connections", "2", "--json")
    #expect(try lifted.json()["connections"] as? Int == 2)
    let ended = first.waitForEnd()
    #expect(ContinuousClock.now - start < .seconds(180))
    #expect(ended == 0 && second.waitForEnd() == 0)
    for name in ["first", "second"] { #expect(try await sample.equals(program.machines + "/\(name)/disk0.raw")) }
    let late = try await program.run("jobs", "limit", slow, "--bandwidth", "1MiB", "--json", expecting: 1)
    #expect(late.errorCode == "job.done")
    try await program.run("limits", "set", "--jobs", "0", expecting: 2)
    try await program.run("limits", "set", "--bandwidth", "fast", expecting: 2)
  }

  /// The first job for which `condition` holds, waited for.
  private func job(of program: Program, where condition: ([String: Any]) -> Bool) async throws -> String {
    let end = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < end {
      let jobs = try await program.run("jobs", "list", "--json").list()
      if let id = jobs.first(where: condition)?["id"] as? String { return id }
      try await Task.sleep(for: .milliseconds(200))
    }
    throw NoSuchJob()
  }

  private struct NoSuchJob: Error {}
}
