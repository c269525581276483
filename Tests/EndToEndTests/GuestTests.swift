import Foundation
import Support
import Testing

extension Tag {
  /// Boots a guest, or starts the appliance: slow where there is no KVM.
  @Tag static var guest: Self
}

/// The main job, whole: a machine as it was backed up elsewhere, restored onto hardware that it could not start on.
@Suite(
  .tags(.guest), .enabled(if: Program.isBuilt, "needs the tree that `make build` leaves"),
  .enabled(if: LabGuest.isWanted, "guest boots are left out"))
struct GuestTests {
  @Test func aGuestWithoutTheDriversIsPreparedAndBoots() async throws {
    let program = try Program()
    let before = try await LabGuest.digest()
    try await program.addTarget()
    let added = try await program.run("backups", "add", LabGuest.ova, "--json").json()
    #expect(added["source_platform"] as? String == "vmware")
    let name = try #require(added["name"] as? String)

    // Unprepared it does not find its root disk, and the failed restore leaves nothing.
    async let unprepared = program.run(
      "restore", name, "--to", "here", "--name", "unprepared", "--prepare", "never", "--json", expecting: 1)
    async let prepared = program.run("restore", name, "--to", "here", "--name", "prepared", "--json")

    let report = try await prepared.json()
    let job = try #require(report["job"] as? [String: Any])
    #expect(job["status"] as? String == "completed")
    let checks = try #require(report["checks"] as? [[String: Any]])
    #expect(checks.contains { $0["kind"] as? String == "bootlog" && $0["pass"] as? Bool == true })
    let screenshot = try #require(checks.first { $0["kind"] as? String == "screenshot" }?["evidence"] as? String)
    let png = try Data(contentsOf: URL(fileURLWithPath: screenshot))
    #expect(png.starts(with: [0x89, 0x50, 0x4e, 0x47]))

    let machine = program.machines + "/prepared"
    let serial = try String(contentsOfFile: machine + "/serial.log", encoding: .utf8)
    #expect(serial.contains("virtio_blk"))
    try await Tool.output("virt-xml-validate", [machine + "/machine.xml", "domain"])
    try await Tool.output(machine + "/run", ["stop"])

    // What was seen for the plan is not looked for again.
    let facts = try await program.runWithoutAppliance("backups", "inspect", name, "--json").json()
    #expect(facts["bootLoader"] as? String == "grub2" && facts["initramfsTool"] as? String == "initramfs-tools")
    #expect((facts["freeInodes"] as? [String: Any])?["/"] != nil)

    let failure = try await unprepared
    #expect(failure.errorCode == "machine.notVerified", "\(failure.error)")
    #expect(program.leftovers == ["prepared"])
    #expect(try await LabGuest.digest() == before)
    #expect(try await program.processes().isEmpty)
  }

  /// Nothing describes the machine but its disks: what it is stands in the guest.
  @Test func disksAloneAreDescribedByTheirGuest() async throws {
    let program = try Program()
    let data = program.folder + "/data.raw"
    try await Tool.output("truncate", ["-s", "64M", data])
    let added = try await program.run(
      "backups", "add", data, LabGuest.folder + "/guest-uefi.raw", "--name", "bare", "--cpus", "2", "--json"
    ).json()
    let backup = try #require(added["backup"] as? [String: Any])
    let machine = try #require(backup["machine"] as? [String: Any])
    #expect((machine["firmware"] as? [String: Any])?["type"] as? String == "uefi")
    let guest = try #require(machine["guest"] as? [String: Any])
    #expect(guest["family"] as? String == "linux")
    #expect((guest["name"] as? String)?.contains("Debian") == true)
    let disks = try #require(machine["disks"] as? [[String: Any]])
    #expect(disks.map { $0["boot"] as? Bool } == [false, true])
    let nics = try #require(machine["nics"] as? [[String: Any]])
    #expect(nics.map { $0["addresses"] as? [String] } == [["10.0.2.77/24"]])
    let findings = try #require(backup["findings"] as? [String])
    #expect(findings.contains { $0.hasPrefix("Read from the disks themselves: the guest system Debian") })
    #expect(findings.contains { $0.contains("how much memory") })
    // What was found is kept: it need not be looked for again, and nobody's word for it changes it.
    let facts = try await program.runWithoutAppliance("backups", "inspect", "bare", "--json").json()
    #expect(facts["bootDisk"] as? Int == 1 && facts["possibleFirmware"] as? [String] == ["uefi"])
    try await program.run("backups", "verify", "bare")
  }

  @Test func aGuestWithUEFIFirmwareIsPreparedAndBoots() async throws {
    let program = try Program()
    try await program.addTarget()
    try await program.run("backups", "add", LabGuest.folder + "/guest-uefi.ova")
    let report = try await program.run("restore", "guest-uefi", "--to", "here", "--json").json()
    let checks = try #require(report["checks"] as? [[String: Any]])
    #expect(checks.contains { $0["kind"] as? String == "bootlog" && $0["pass"] as? Bool == true })
    let machine = program.machines + "/guest-uefi"
    let serial = try String(contentsOfFile: machine + "/serial.log", encoding: .utf8)
    #expect(serial.contains("firmware=uefi"))
    // On another card, in another slot: its configuration still applies.
    #expect(serial.contains("addr=ens192:10.0.2.77/24"))
    try await Tool.output("virt-xml-validate", [machine + "/machine.xml", "domain"])
    try await Tool.output(machine + "/run", ["stop"])
  }

  /// Out to a file for other platforms and back in: the guest still starts, on other hardware than both.
  @Test func anExportedArchiveIsRestoredAndBoots() async throws {
    let program = try Program()
    let exports = program.folder + "/exports"
    try FileManager.default.createDirectory(atPath: exports, withIntermediateDirectories: false)
    let file = program.folder + "/files.yaml"
    try Data("delivery: ova\nfolder: \(exports)\n".utf8).write(to: URL(fileURLWithPath: file))
    try await program.run("targets", "add", "files", "--platform", "vmware", "--config", file)
    try await program.run("backups", "add", LabGuest.ova, "--json")
    try await program.run(
      "restore", "guest", "--to", "files", "--prepare", "never", "--no-start", "--name", "carried")
    try await program.run("backups", "add", exports + "/carried.ova")
    try await program.addTarget()
    let report = try await program.run("restore", "carried", "--to", "here", "--json").json()
    let checks = try #require(report["checks"] as? [[String: Any]])
    #expect(checks.contains { $0["kind"] as? String == "bootlog" && $0["pass"] as? Bool == true })
    let machine = program.machines + "/carried"
    let serial = try String(contentsOfFile: machine + "/serial.log", encoding: .utf8)
    #expect(serial.contains("virtio_blk"))
    try await Tool.output(machine + "/run", ["stop"])
  }
}

/// The guests that `scripts/make-fixtures` makes: Debian machines that know only their old platform's hardware.
enum LabGuest {
  static let folder = ProcessInfo.processInfo.environment["ASCEND_LAB"] ?? Program.root + "/.build/lab"
  static var ova: String { folder + "/guest.ova" }

  static var isWanted: Bool {
    ProcessInfo.processInfo.environment["ASCEND_TEST_FAST"] != "1" && FileManager.default.fileExists(atPath: ova)
  }

  /// What `make test-matrix` runs besides.
  static var isMatrixWanted: Bool { ProcessInfo.processInfo.environment["ASCEND_TEST_MATRIX"] == "1" }

  static func digest() async throws -> String {
    String(decoding: try await Tool.output("sha256sum", [ova]), as: UTF8.self)
  }
}
