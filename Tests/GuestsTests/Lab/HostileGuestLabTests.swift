import CGuestfs
import ConnectorProtocol
import Foundation
import Logging
import Support
import Testing

@testable import Guests

/// Guests that are damaged, full, or made to do harm: each ends in an error that says why, and none touches this computer.
@Suite(
  "Hostile Linux guests", .tags(.guest), .enabled(if: SyntheticGuest.canBeMade, SyntheticGuest.whyNot), .serialized)
struct HostileGuestLabTests {
  /// What was done to an otherwise sound guest.
  enum Harm: String, CaseIterable, Sendable {
    case linkOut, hugeTable, garbageInitramfs, damaged, noInodes, noSpace, loop
  }

  private static let version = "6.6.8-arch1-1"

  private func makeDisk(_ harm: Harm, _ folder: TemporaryFolder, secret: String) throws -> GuestDisk {
    var tree = try SyntheticTree.arch("/dev/sda1")
    tree.name = harm.rawValue
    tree.uuid = "11111111-aaaa-4bbb-8ccc-0000000001\(10 + (Harm.allCases.firstIndex(of: harm) ?? 0))"
    switch harm {
    case .linkOut:
      tree.files["etc/fstab"] = nil
      tree.links["etc/fstab"] = "/../../../../../..\(secret)"
      tree.files["etc/default/grub"] = nil
      tree.links["etc/default/grub"] = "../../../../../../..\(secret)"
    case .loop:
      tree.files["etc/fstab"] = nil
      tree.links["etc/fstab"] = "fstab"
    case .garbageInitramfs:
      tree.files["boot/initramfs-linux.img"] = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 89) }
    case .noSpace: tree.files["filler"] = [UInt8](repeating: 1, count: 130 << 20)
    case .noInodes:
      tree.inodes = 400
      for number in 0..<330 { tree.files["files/\(number)"] = [] }
    case .hugeTable, .damaged: break
    }
    let disk = try tree.makeDisk(in: folder)
    // What only a tool for its filesystem can do.
    let inside = "\(disk.path)?offset=1048576"
    switch harm {
    case .hugeTable:
      let file = folder.url.appendingPathComponent("table")
      try Data("/dev/sda1 / ext4 rw 0 1\n".utf8).write(to: file)
      try Lab.run("truncate", ["-s", "2147483648", file.path])
      try debugfs(inside, ["cd /etc", "rm fstab", "write \(file.path) fstab"], folder)
    case .damaged: try debugfs(inside, ["clri /etc/mkinitcpio.conf.d", "clri /boot/loader"], folder)
    default: break
    }
    return disk
  }

  private func debugfs(_ image: String, _ commands: [String], _ folder: TemporaryFolder) throws {
    let script = folder.url.appendingPathComponent("commands").path
    try Data((commands.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: script))
    try Lab.run("sh", ["-c", "PATH=$PATH:/sbin:/usr/sbin debugfs -w -f \(script) '\(image)' 2>&1"])
  }

  private struct Outcome: Sendable {
    var report: PreparationReport?
    var error: AscendError?
  }

  /// What an examination of all their disks together ends with: libguestfs reads every fstab first.
  private struct Examined: Sendable {
    var inspection: GuestInspection?
    var error: AscendError?
  }

  @Test(
    "the whole way, as inspection and preparation go it, ends with the reason too",
    .enabled(if: BootMatrixGuestTests.isWhole, "part of `make test-matrix`"),
    arguments: [Harm.hugeTable, .loop, .damaged, .linkOut])
  func wholeWay(harm: Harm) async throws {
    let folder = try TemporaryFolder()
    let secret = folder.url.appendingPathComponent("secret").path
    try Data("/dev/sda1 / ext4 rw 0 1\n".utf8).write(to: URL(fileURLWithPath: secret))
    let disk = try makeDisk(harm, folder, secret: secret)
    let inspected = await outcome { () throws(AscendError) in
      try await GuestInspector().inspect([disk], drivers: ["virtio_blk"]).facts
    }
    let needs = [DriverNeed(when: .init(family: "linux"), need: ["virtio_pci", "virtio_blk"], initramfs: true)]
    let prepared = await outcome { () throws(AscendError) in
      try await GuestPreparer().prepare([disk], needs: needs) { _ in }
    }
    let comment: Comment = "\(inspected), \(prepared)"
    switch harm {
    case .hugeTable:
      // What reads fstab first passes over one of that size.
      #expect(try inspected.get().understood, comment)
      #expect(prepared.failure?.code == "guest.tooLarge" && prepared.failure?.object == "/etc/fstab", comment)
    case .loop, .linkOut:
      // Without an fstab it is no system to libguestfs, and a link that leads out of the guest leads to none.
      #expect(try inspected.get().reason?.hasPrefix("No operating system was found") == true, comment)
      #expect(try !prepared.get().prepared && !prepared.get().changed, comment)
    case .damaged:
      for error in [inspected.failure, prepared.failure] {
        #expect(error?.code == "guest.callFailed" && error?.remedy?.contains("damaged") == true, comment)
      }
    default: Issue.record("nothing is expected of \(harm)")
    }
    #expect(try String(contentsOfFile: secret, encoding: .utf8) == "/dev/sda1 / ext4 rw 0 1\n")
  }

  private func outcome<Value>(
    _ body: () async throws(AscendError) -> Value
  ) async -> Result<Value, AscendError> {
    do throws(AscendError) {
      return .success(try await body())
    } catch {
      return .failure(error)
    }
  }

  @Test("each is refused with its reason, or prepared without harm")
  func all() async throws {
    let folder = try TemporaryFolder()
    let secret = folder.url.appendingPathComponent("secret").path
    try Data("/dev/sda1 / ext4 rw 0 1\n".utf8).write(to: URL(fileURLWithPath: secret))
    let before = try Lab.run("sha256sum", [secret, "/etc/passwd", "/etc/fstab"])
    let disks = try Harm.allCases.map { try makeDisk($0, folder, secret: secret) }
    let (examined, outcomes) = try await Appliance.with(disks, options: .init(), logger: Logger(label: "test")) {
      guest throws(AscendError) -> (Examined, [Harm: Outcome]) in
      var examined = Examined()
      do throws(AscendError) {
        examined.inspection = try GuestExamination(guest: guest, drivers: ["virtio_blk"], recordedFirmware: nil)
          .examine()
      } catch {
        examined.error = error
      }
      try guest.unmountAll()
      var outcomes: [Harm: Outcome] = [:]
      for (harm, disk) in zip(Harm.allCases, try guest.disks()) {
        do throws(AscendError) {
          outcomes[harm] = Outcome(report: try Self.prepare(guest, "\(disk)1"))
        } catch {
          // A dead appliance would be an error of all that follow.
          outcomes[harm] = Outcome(error: error)
        }
        try guest.unmountAll()
      }
      return (examined, outcomes)
    }
    // Those whose fstab leads to itself, or out of the guest, are no systems; none hides the rest.
    #expect(
      examined.inspection?.facts.systemCount == Harm.allCases.count - 2,
      "\(examined.inspection?.facts.reason ?? examined.error?.description ?? "-")")
    #expect(try Lab.run("sha256sum", [secret, "/etc/passwd", "/etc/fstab"]) == before)

    // A link that leads out of the guest leads nowhere: there is no such file in it.
    #expect(outcomes[.linkOut]?.report?.prepared == true)
    #expect(outcomes[.linkOut]?.report?.changes.contains { $0.path == "/etc/fstab" } == false)
    #expect(outcomes[.loop]?.error?.code == "guest.callFailed" && outcomes[.loop]?.error?.object == "/etc/fstab")
    #expect(outcomes[.hugeTable]?.error?.code == "guest.tooLarge")
    #expect(outcomes[.hugeTable]?.error?.object == "/etc/fstab")
    #expect(outcomes[.garbageInitramfs]?.error?.code == "guest.initramfsUnreadable")
    #expect(outcomes[.garbageInitramfs]?.error?.object == "/boot/initramfs-linux.img")
    #expect(outcomes[.damaged]?.error?.code == "guest.callFailed")
    #expect(outcomes[.damaged]?.error?.remedy?.contains("damaged") == true)
    #expect(outcomes[.noInodes]?.error?.message.contains("more files") == true)
    #expect(outcomes[.noSpace]?.error?.code == "guest.noSpace")
    for harm in Harm.allCases {
      #expect(outcomes[harm]?.error?.code != "guest.applianceCrashed", "\(harm)")
    }
  }

  private static func prepare(_ guest: GuestfsHandle, _ device: String) throws(AscendError) -> PreparationReport {
    try guest.mount(device, at: "/", readOnly: false)
    var inspection = GuestInspection(
      facts: GuestFacts(understood: true, family: "linux", distribution: "arch", architecture: "x86_64"),
      possibleFirmware: [.bios], root: device, mounts: [.init(path: "/", device: device)], packageFormat: nil,
      kernels: [], notes: [])
    let drivers = ["virtio_pci", "virtio_blk"]
    inspection.kernels = try KernelSurvey(guest: guest, drivers: drivers).kernels()
    let needs = DriverNeeds(
      [DriverNeed(when: .init(family: "linux"), need: drivers, initramfs: true)], family: "linux", version: nil)
    return try LinuxPreparation(
      guest: guest, inspection: inspection, needs: needs, asked: LinuxNeeds(), wish: LinuxWish(), progress: { _ in }
    ).run()
  }
}

extension Result {
  fileprivate var failure: Failure? {
    if case .failure(let error) = self { error } else { nil }
  }
}
