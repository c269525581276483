import CGuestfs
import ConnectorProtocol
import Foundation
import Logging
import Support
import Testing

@testable import Guests

/// The package is made for the test; what installs and removes it is the real guest's own dpkg.
@Suite(
  "Removing an agent from a real guest", .tags(.guest), .enabled(if: Lab.isThere, Lab.whyNot),
  .enabled(if: BootMatrixGuestTests.isWhole, "part of `make test-matrix`"))
struct AgentRemovalLabTests {
  private static let root = "/dev/sda1"
  /// A platform with an agent of its own: those of others go.
  private static let needs = [
    DriverNeed(
      when: .init(family: "linux"), need: ["virtio_pci", "virtio_blk"], initramfs: true,
      installers: ["qemu-guest-agent"])
  ]

  private struct After: Sendable {
    var status: String
    var audit: String
    var left: [String]
    var trace: String
  }

  private func inAppliance<T: Sendable>(
    _ disk: GuestDisk, readOnly: Bool,
    _ body: @escaping @Sendable (GuestfsHandle, GuestPrograms) throws(AscendError) -> T
  ) async throws -> T {
    try await Appliance.with([disk], options: ApplianceOptions(), logger: Logger(label: "test")) {
      guest throws(AscendError) in
      try guest.mount(Self.root, at: "/", readOnly: readOnly)
      let result = try body(guest, GuestPrograms(guest: guest, architecture: "x86_64"))
      try guest.unmountAll()
      return result
    }
  }

  private static func status(_ programs: GuestPrograms) throws(AscendError) -> String {
    try programs.shell(
      "dpkg-query -W -f='${db:Status-Status}' \(AgentPackage.name)", about: AgentPackage.name, seconds: 120)
  }

  @Test("the guest's dpkg takes it out, scripts and all, or refuses and changes nothing; the guest starts without it")
  func removal() async throws {
    let folder = try TemporaryFolder()
    let overlay = try folder.overlay(of: "guest.raw")
    let packages = [try AgentPackage.make(in: folder), try AgentPackage.makeDependent(in: folder)]
    let agent = try #require(try AgentTable.bundled().agents.first { $0.packages.contains(AgentPackage.name) })

    let refusal = try await inAppliance(overlay, readOnly: false) {
      guest, programs throws(AscendError) -> AscendError? in
      for package in packages {
        let path = "/root/\(package.lastPathComponent)"
        try guest.run("copying in", path) { guestfs_upload($0, package.path, path) }
        _ = try programs.shell("dpkg -i \(path)", about: path, seconds: 300)
        try guest.removeFile(path)
      }
      guard try guest.exists(AgentPackage.wanted), try Self.status(programs) == "installed" else {
        throw AscendError("test.failed", "The package was not installed")
      }
      var refusal: AscendError?
      do throws(AscendError) {
        _ = try AgentRemoval(programs: programs, format: "deb").remove(agent)
      } catch {
        refusal = error
      }
      guard try guest.exists(AgentPackage.program), try Self.status(programs) == "installed" else {
        throw AscendError("test.failed", "What dpkg refused was done all the same")
      }
      // Without the one that needs it, it can go. Its configuration was changed by somebody.
      _ = try programs.shell("dpkg --purge needs-an-agent", about: "needs-an-agent", seconds: 300)
      try guest.write(AgentPackage.configuration, "[logging]\nlog = true\n")
      return refusal
    }
    #expect(refusal?.code == "guest.callFailed" && refusal?.cause?.contains("needs-an-agent") == true)

    func prepare() async throws -> PreparationReport {
      try await GuestPreparer().prepare([overlay], needs: Self.needs, linux: LinuxWish(removesAgents: true)) { _ in }
    }
    let report = try await prepare()
    #expect(report.prepared && report.facts.agents == ["vmware-tools"])
    #expect(report.changes.contains { $0.before == "the packages \(AgentPackage.name) were installed" })
    #expect(report.warnings.allSatisfy { $0.contains("qemu-guest-agent") }, "\(report.warnings)")

    let after = try await inAppliance(overlay, readOnly: true) { guest, programs throws(AscendError) -> After in
      let paths = [AgentPackage.program, AgentPackage.unit, AgentPackage.wanted, AgentPackage.configuration]
      var left: [String] = []
      for path in paths where try guest.exists(path) { left.append(path) }
      return After(
        status: try Self.status(programs), audit: try programs.shell("dpkg --audit", about: "/", seconds: 120),
        left: left, trace: try guest.readText(AgentPackage.trace) ?? "")
    }
    // Removed, not purged: what somebody configured stays.
    #expect(after.status == "config-files" && after.audit == "")
    #expect(after.left == [AgentPackage.configuration] && after.trace == "remove\n")

    // Which does not make it an agent that is still there.
    let again = try await prepare()
    #expect(again.prepared && !again.changed && again.facts.agents == [] && again.warnings == report.warnings)

    let (proof, _) = try await Lab.boot(overlay, on: Lab.hardware("virtio-blk"), needs: Self.needs, in: folder)
    #expect(proof.verdict == .proven && proof.ending == .login, "\(proof.summary)")
  }
}
