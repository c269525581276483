import Foundation
import Support
import Testing

/// A real guest on emulated hardware, moved to the platform's first choice once it runs, and back.
@Suite(
  .tags(.guest), .enabled(if: Program.isBuilt, "needs the tree that `make build` leaves"),
  .enabled(if: LabGuest.isWanted, "guest boots are left out"),
  .enabled(
    if: ProcessInfo.processInfo.environment["ASCEND_TEST_MATRIX"] == "1", "part of `make test-matrix`: three boots"))
struct PromotionGuestTests {
  private func hardware(_ value: Any?) -> [String] {
    guard let value = value as? [String: Any] else { return [] }
    return (value["controllers"] as? [String] ?? []) + [value["nicModel"] as? String].compactMap(\.self)
  }

  @Test func aGuestOnEmulatedHardwareIsMovedToVirtioAndBack() async throws {
    let program = try Program()
    try await program.addTarget()
    let added = try await program.run("backups", "add", LabGuest.ova, "--json").json()
    let name = try #require(added["name"] as? String)
    let report = try await program.run(
      "restore", name, "--to", "here", "--name", "moved", "--hardware", "safe", "--json"
    ).json()
    #expect(hardware(report["hardware"]) == ["sata", "e1000e"])
    let job = try #require((report["job"] as? [String: Any])?["id"] as? String)

    let there = try await program.run("jobs", "promote", job, "--json").json()
    #expect(hardware(there["previous"]) == ["sata", "e1000e"])
    #expect(hardware(there["hardware"]) == ["virtio-blk", "virtio-net-pci"])
    #expect(there["changed"] as? Bool == true && there["running"] as? Bool == true)
    let checks = try #require(there["checks"] as? [[String: Any]])
    #expect(checks.contains { $0["kind"] as? String == "bootlog" && $0["pass"] as? Bool == true })
    let machine = program.machines + "/moved"
    let serial = try String(contentsOfFile: machine + "/serial.log", encoding: .utf8)
    #expect(serial.contains("virtio_blk") && !serial.contains("ata1.00: ATA"))

    let shown = try await program.run("jobs", "show", job, "--json").json()
    #expect(hardware(shown["hardware"]) == ["virtio-blk", "virtio-net-pci"])
    let refused = try await program.run("jobs", "promote", job, "--json", expecting: 1)
    #expect(refused.errorCode == "promote.nothing")

    let back = try await program.run("jobs", "promote", job, "--back", "--json").json()
    #expect(hardware(back["hardware"]) == ["sata", "e1000e"] && back["running"] as? Bool == true)
    try await Tool.output(machine + "/run", ["stop", "--now"])
  }
}
