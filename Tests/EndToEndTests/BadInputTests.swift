import ConnectorTesting
import Foundation
import Support
import Testing

/// Each bad input gets one clear error that names the object and the remedy, leaves nothing behind, and leaves the
/// backup as it was.
@Suite(.enabled(if: Program.isBuilt, "needs the tree that `make build` leaves"))
struct BadInputTests {
  private func refuse(
    _ program: Program, _ path: String, code: String, naming object: String,
    location: SourceLocation = #_sourceLocation
  ) async throws {
    let outcome = try await program.run("backups", "add", path, "--json", expecting: 1, location: location)
    #expect(outcome.errorCode == code, "\(outcome.error)", sourceLocation: location)
    #expect(outcome.error.contains(object), "\(outcome.error)", sourceLocation: location)
    #expect(outcome.error.contains("remedy:"), "\(outcome.error)", sourceLocation: location)
    #expect(try await program.run("backups", "list", "--json").list().isEmpty, sourceLocation: location)
  }

  @Test func aPathThatIsNoBackup() async throws {
    let program = try Program()
    try await refuse(program, "/etc/hostname", code: "backup.notRecognised", naming: "/etc/hostname")
    try await refuse(program, program.folder + "/nowhere", code: "backup.notFound", naming: "nowhere")
  }

  @Test func aQcow2ThatNamesAnotherFile() async throws {
    let program = try Program()
    let sample = try await SampleBackup(in: program.folder, format: "qcow2")
    try await Tool.output(
      "qemu-img", ["rebase", "-u", "-f", "qcow2", "-b", "/etc/passwd", "-F", "raw", sample.folder + "/disk0.qcow2"])
    let outcome = try await program.run("backups", "add", sample.folder, "--json", expecting: 1)
    #expect(outcome.error.contains("disk0.qcow2"))
    #expect(!outcome.error.contains("root:"))
  }

  @Test func aBackupThatChangedSinceItWasAdded() async throws {
    let program = try Program()
    let sample = try await SampleBackup(in: program.folder, format: "raw")
    try await program.addTarget()
    try await program.run("backups", "add", sample.folder)
    try await Tool.output("truncate", ["-s", "65M", sample.folder + "/disk0.raw"])
    let outcome = try await program.run(
      "restore", "sample", "--to", "here", "--prepare", "never", "--no-start", "--json", expecting: 1)
    #expect(outcome.errorCode == "backup.changed")
    #expect(program.leftovers.isEmpty)
  }

  @Test func unknownNames() async throws {
    let program = try Program()
    let sample = try await SampleBackup(in: program.folder, format: "raw")
    try await program.run("backups", "add", sample.folder)
    let target = try await program.run("restore", "sample", "--to", "nowhere", "--json", expecting: 1)
    #expect(target.errorCode == "target.unknown")
    let platform = try await program.run("targets", "add", "t", "--platform", "atlantis", "--json", expecting: 1)
    #expect(platform.errorCode == "connector.notFound")
    #expect(platform.error.contains("qemu"))
    let backup = try await program.run("plan", "nothing", "--to", "nowhere", "--json", expecting: 1)
    #expect(backup.errorCode == "backup.unknown")
  }

  @Test func wrongUsageExitsWithTwo() async throws {
    let program = try Program()
    try await program.run("restore", expecting: 2)
    try await program.run("no-such-command", expecting: 2)
    try await program.run("targets", "add", "../up", "--platform", "qemu", expecting: 2)
    try await program.run("restore", "x", "--to", "y", "--prepare", "perhaps", expecting: 2)
  }

  @Test func aConfigurationThatDoesNotFit() async throws {
    let program = try Program()
    let file = program.folder + "/bad.yaml"
    try Data("folder: [1, 2\n".utf8).write(to: URL(fileURLWithPath: file))
    let broken = try await program.run(
      "targets", "add", "t", "--platform", "qemu", "--config", file, "--json", expecting: 1)
    #expect(broken.errorCode == "config.invalid")
    try Data("folder: machines\naccel: magic\n".utf8).write(to: URL(fileURLWithPath: file))
    let wrong = try await program.run(
      "targets", "add", "t", "--platform", "qemu", "--config", file, "--json", expecting: 1)
    #expect(wrong.errorCode == "config.invalid")
    #expect(wrong.error.contains("/accel"))
    #expect(try await program.run("targets", "list", "--json").list().isEmpty)
  }

  @Test func aMappingOntoWhatIsNotThere() async throws {
    let program = try Program()
    let sample = try await SampleBackup(in: program.folder, format: "raw")
    try await program.addTarget()
    try await program.run("backups", "add", sample.folder)
    let map = program.folder + "/map.json"
    try Data(#"{"networks": {"*": "the-moon"}}"#.utf8).write(to: URL(fileURLWithPath: map))
    let outcome = try await program.run(
      "restore", "sample", "--to", "here", "--prepare", "never", "--no-start", "--map", map, "--json", expecting: 3)
    #expect(outcome.errorCode == "plan.blocked")
    #expect(outcome.error.contains("the-moon"))
    #expect(program.leftovers.isEmpty)
  }

  @Test(.enabled(if: SmallDisk.isPossible, "needs the right to mount a small file system"))
  func aFullDiskWhereOverlaysGo() async throws {
    let program = try Program()
    let sample = try await SampleBackup(in: program.folder, format: "raw")
    let before = try await sample.digest()
    let small = try await SmallDisk(at: program.state, sizeMiB: 4)
    defer { small.unmount() }
    try await program.addTarget()
    try await program.run("backups", "add", sample.folder)
    // Full to the last block, the database included.
    _ = try await Tool.run("dd", ["if=/dev/zero", "of=\(small.path)/ballast", "bs=4k", "status=none"])
    let full = try await program.run(
      "restore", "sample", "--to", "here", "--prepare", "never", "--no-start", "--json", expecting: 1)
    #expect(["store.full", "disk.noSpace", "state.unwritable"].contains(full.errorCode), "\(full.error)")
    #expect(full.error.contains("remedy:"))
    #expect(program.leftovers.isEmpty)
    // With room again it works: the state was not harmed.
    try FileManager.default.removeItem(atPath: small.path + "/ballast")
    try await program.run("restore", "sample", "--to", "here", "--prepare", "never", "--no-start")
    #expect(try await sample.equals(program.machines + "/sample/disk0.raw"))
    #expect(try await sample.digest() == before)
  }

  @Test(.enabled(if: SmallDisk.isPossible, "needs the right to mount a small file system"))
  func aFullDiskWhereMachinesGo() async throws {
    let program = try Program()
    let sample = try await SampleBackup(in: program.folder, format: "raw")
    let small = try await SmallDisk(at: program.folder + "/small", sizeMiB: 8)
    defer { small.unmount() }
    try await program.addTarget()
    try await program.run("backups", "add", sample.folder)
    // The machine's disk (8 MiB of data) does not fit where machines go.
    let file = program.folder + "/small.yaml"
    try Data("folder: \(small.path)/machines\n".utf8).write(to: URL(fileURLWithPath: file))
    try await program.run("targets", "add", "small", "--platform", "qemu", "--config", file)
    let outcome = try await program.run(
      "restore", "sample", "--to", "small", "--prepare", "never", "--no-start", "--json", expecting: nil)
    #expect(outcome.code != 0)
    #expect(outcome.error.contains("remedy:"))
    let left = try FileManager.default.contentsOfDirectory(atPath: small.path + "/machines")
    #expect(left.isEmpty)
    #expect(try await program.processes().isEmpty)
  }
}

/// A file system of a few MiB, to be filled.
struct SmallDisk {
  let path: String

  static var isPossible: Bool { geteuid() == 0 }

  init(at path: String, sizeMiB: Int) async throws {
    self.path = path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try await Tool.output("mount", ["-t", "tmpfs", "-o", "size=\(sizeMiB)m", "tmpfs", path])
  }

  func unmount() {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/umount")
    process.arguments = ["-l", path]
    try? process.run()
    process.waitForEnd()
  }
}
