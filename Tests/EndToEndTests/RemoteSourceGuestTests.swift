import Foundation
import Support
import Testing

/// A guest whose disk lies in a snapshot: what looks inside it, prepares it and moves it reads through the connector.
@Suite(
  .tags(.guest), .enabled(if: Program.isBuilt, "needs the tree that `make build` leaves"),
  .enabled(if: LabGuest.isWanted, "guest boots are left out"),
  .enabled(if: Amazon.isThere, "needs scripts/test-tools"),
  .enabled(if: LabGuest.isMatrixWanted, "`make test-matrix` runs it"))
struct RemoteSourceGuestTests {
  @Test func aGuestInASnapshotIsPreparedAndBoots() async throws {
    let program = try Program()
    let amazon = try Amazon()
    let raw = program.folder + "/guest.raw"
    try await Tool.output("cp", ["--sparse=always", LabGuest.folder + "/guest.raw", raw])
    // A snapshot is one of a volume, whose size is a whole number of GiB.
    try await Tool.output("truncate", ["-s", "%1G", raw])
    let id = try await amazon.snapshot(of: raw)
    try await amazon.add(to: program)
    try await program.addTarget()
    try await amazon.forgetRequests()

    // Only what the inspection reads is fetched: the kernel, its modules, the configuration.
    let added = try await program.run(
      "backups", "add", "ebs://\(id)", "--name", "web", "--memory", "512MiB", "--json"
    ).json()
    let machine = try #require((added["backup"] as? [String: Any])?["machine"] as? [String: Any])
    #expect((machine["guest"] as? [String: Any])?["family"] as? String == "linux")
    let looked = try await amazon.blocksFetched().count
    #expect(looked > 0)

    try await amazon.forgetRequests()
    let report = try await program.run("restore", "web", "--to", "here", "--json").json()
    #expect((report["job"] as? [String: Any])?["status"] as? String == "completed")
    let checks = try #require(report["checks"] as? [[String: Any]])
    #expect(checks.contains { $0["kind"] as? String == "bootlog" && $0["pass"] as? Bool == true })
    let fetched = try await amazon.blocksFetched()
    #expect(looked < fetched.count / 2, "\(looked) of \(fetched.count) blocks were fetched to look inside")
    // Once for the appliance that prepares the guest and once for the transfer, at the most.
    #expect(fetched.values.allSatisfy { $0 <= 2 })
    try await Tool.output(program.machines + "/web/run", ["stop"])
  }
}
