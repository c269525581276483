import ConnectorProtocol
import Foundation
import Support
import Synchronization
import Testing

@testable import Guests

/// Every ending of a boot, with disks that do nothing but that ending, and the machine around it.
@Suite("Ends of boots", .tags(.guest), .enabled(if: Lab.canBoot, Lab.whyNot), .serialized)
struct BootProofLabTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var text: String
    var then: BootSector.Then
    var verdict: BootProof.Verdict
    var ending: BootProof.Ending
    var testDescription: String { ending.rawValue }
  }

  static let cases = [
    Case(text: "Debian GNU/Linux 12 lab ttyS0\r\n\r\nlab login: ", then: .halts, verdict: .proven, ending: .login),
    Case(
      text: "[ 1.2] Kernel panic - not syncing: VFS\r\n", then: .halts, verdict: .failed, ending: .panic),
    Case(
      text: "Gave up waiting for root device.\r\nALERT!  UUID=1 does not exist.\r\n(initramfs) ", then: .halts,
      verdict: .failed, ending: .noRootDisk),
    Case(
      text: "You are in emergency mode. Press Enter\r\n", then: .halts, verdict: .failed, ending: .emergencyMode),
    Case(text: "error: no such device.\r\ngrub rescue> ", then: .halts, verdict: .failed, ending: .bootLoader),
    Case(text: "hello\r\n", then: .restarts, verdict: .failed, ending: .bootLoop),
    Case(text: "hello\r\n", then: .switchesOff, verdict: .failed, ending: .poweredOff),
    Case(text: "Loading initial ramdisk ...\r\n", then: .halts, verdict: .failed, ending: .standstill),
    Case(
      text: "[***   ] A start job is running for /dev/disk/by-uuid/1 (9s / no limit)\r", then: .saysItAgain,
      verdict: .failed, ending: .noRootDisk),
    Case(text: "working\r\n", then: .saysItAgain, verdict: .failed, ending: .timeLimit),
  ]

  private static let hardware = BootHardware(
    firmware: .bios, cpuCount: 1, memoryBytes: 256 << 20, buses: ["virtio-blk"],
    nics: [.init(model: "virtio-net", mac: "52:54:00:00:00:01")])

  @Test("each is told from the others", arguments: cases) func ends(boot: Case) async throws {
    let folder = try TemporaryFolder()
    let disk = try BootSector.disk(boot.text, then: boot.then, in: folder)
    let before = try Data(contentsOf: URL(fileURLWithPath: disk.path))
    let evidence = folder.url.appendingPathComponent("evidence").path
    let limits = BootLimits(total: .seconds(boot.ending == .timeLimit ? 60 : 240), still: .seconds(30))
    let proof = try await BootProver().prove([disk], on: Self.hardware, evidence: evidence, limits: limits) { _ in }
    #expect(proof.verdict == boot.verdict, "\(proof.reason)")
    #expect(proof.ending == boot.ending, "\(proof.reason)")
    #expect(proof.summary.hasPrefix(boot.verdict == .proven ? "proven: " : "failed: "))
    let log = try String(contentsOfFile: try #require(proof.serialLog), encoding: .utf8)
    #expect(log.contains(boot.text.prefix(12)))
    if boot.ending != .poweredOff {
      let picture = try Data(contentsOf: URL(fileURLWithPath: try #require(proof.screenshot)))
      #expect(picture.starts(with: [0x89, 0x50, 0x4e, 0x47]))
    }
    // The sector was read (nobody could ask a machine that was gone at once), and nothing came onto network or disk.
    if boot.ending != .poweredOff { #expect(proof.disks.first?.bytesRead ?? 0 >= 512) }
    #expect(proof.nics.first?.packetsSent == 0)
    #expect(try Data(contentsOf: URL(fileURLWithPath: disk.path)) == before)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: evidence).allSatisfy {
        ["screen.png", "serial.log"].contains($0)
      })
  }

  /// The guest shows what is typed, as those that were set up badly do: it is in no evidence all the same.
  @Test("a passphrase that is asked for is typed, and shown nowhere")
  func passphrase() async throws {
    let folder = try TemporaryFolder()
    let evidence = folder.url.appendingPathComponent("evidence").path
    let disk = try BootSector.asking("Please unlock disk vda2_crypt: ", for: "open, sesame", in: folder)
    func key(_ text: String) throws -> DiskKey {
      let file = folder.url.appendingPathComponent(UUID().uuidString)
      try Data((text + "\n").utf8).write(to: file)
      return try DiskKey(DiskKeyReference(path: file.path), input: nil)
    }
    let told = Mutex<[String]>([])
    func prove(_ keys: DiskKey...) async throws -> (BootProof, log: String) {
      let limits = BootLimits(total: .seconds(240), still: .seconds(30))
      let proof = try await BootProver().prove(
        [disk], on: Self.hardware, keys: keys, evidence: evidence, limits: limits
      ) { line in told.withLock { $0.append(line) } }
      return (proof, try String(contentsOfFile: try #require(proof.serialLog), encoding: .utf8))
    }
    let (right, log) = try await prove(key("swordfish"), key("open, sesame"))
    #expect(right.verdict == .proven && right.reason.hasSuffix("lab login:"), "\(right.reason)")
    #expect(log.components(separatedBy: "[passphrase]").count == 3, "\(log)")
    let (wrong, other) = try await prove(key("swordfish"))
    #expect(wrong.verdict == .notProvable && wrong.ending == .passphrase)
    #expect(wrong.reason.contains("none of the given keys") && wrong.reason.contains("vda2_crypt"))
    let (none, _) = try await prove()
    #expect(none.verdict == .notProvable && none.reason.contains("--key"), "\(none.reason)")
    let everything = log + other + right.reason + wrong.reason + told.withLock { $0.joined() }
    #expect(!everything.contains("swordfish") && !everything.contains("sesame"))
  }

  @Test("text on a screen is read where the serial port says nothing")
  func screen() async throws {
    let folder = try TemporaryFolder()
    let evidence = folder.url.appendingPathComponent("evidence").path
    let limits = BootLimits(total: .seconds(240), still: .seconds(60))
    let cases: [(String, BootProof.Verdict, BootProof.Ending)] = [
      ("\r\nDebian GNU/Linux 12 lab tty1\r\n\r\nlab login: ", .proven, .login),
      ("\r\nBOOTMGR is missing\r\nPress Ctrl+Alt+Del to restart\r\n", .failed, .bootLoader),
    ]
    for (text, verdict, ending) in cases {
      let disk = try BootSector.disk(text, onScreen: true, then: .halts, in: folder)
      let proof = try await BootProver().prove([disk], on: Self.hardware, evidence: evidence, limits: limits) { _ in }
      #expect(proof.verdict == verdict && proof.ending == ending, "\(proof.reason)")
      #expect(proof.reason.hasSuffix("(on its screen)"))
    }
  }

  /// A guest that says nothing on its serial port, and what is made of its screen, its disk and its network.
  struct Silent: Sendable, CustomTestStringConvertible {
    var picture: BootSector.Picture
    var colour: UInt8 = 2
    var hasNIC = true
    var sends = true
    var verdict: BootProof.Verdict
    var ending: BootProof.Ending
    var testDescription: String { "\(picture), colour \(colour), network \(hasNIC), sends \(sends)" }
  }

  static let silent =
    [
      // A place to log in: its clock goes on, and its system writes all the time.
      Silent(picture: .hasClock, verdict: .proven, ending: .stillScreen)
    ]
    + (BootMatrixGuestTests.isWhole
      ? [
        Silent(picture: .moves, verdict: .notProvable, ending: .timeLimit),
        Silent(picture: .standsStill, verdict: .proven, ending: .stillScreen),
        Silent(picture: .standsStill, hasNIC: false, sends: false, verdict: .proven, ending: .stillScreen),
        // It has a network and does not use it; or it may offer to repair itself, as far as anybody can tell.
        Silent(picture: .hasClock, sends: false, verdict: .notProvable, ending: .timeLimit),
        Silent(picture: .standsStill, sends: false, verdict: .notProvable, ending: .standstill),
        Silent(
          picture: .standsStill, colour: 1, hasNIC: false, sends: false, verdict: .notProvable, ending: .standstill),
      ] : [])

  @Test("a guest without a console is judged by its screen, its disk and its network", arguments: silent)
  func screens(boot: Silent) async throws {
    let folder = try TemporaryFolder()
    let disk = try BootSector.picture(boot.picture, colour: boot.colour, sends: boot.sends, in: folder)
    let hardware = BootHardware(
      firmware: .bios, cpuCount: 1, memoryBytes: 256 << 20, buses: ["ide"],
      nics: boot.hasNIC ? [.init(model: "rtl8139", mac: "52:54:00:00:00:01")] : [])
    let evidence = folder.url.appendingPathComponent("evidence").path
    // Beside other emulated guests the firmware alone may take a while in which nothing changes.
    let limits = BootLimits(total: .seconds(boot.ending == .timeLimit ? 60 : 240), still: .seconds(30))
    let proof = try await BootProver().prove([disk], on: hardware, evidence: evidence, limits: limits) { _ in }
    #expect(proof.verdict == boot.verdict && proof.ending == boot.ending, "\(proof.reason)")
    #expect(proof.disks.first?.bytesWritten ?? 0 >= 320 << 10)
    #expect(proof.nics.map(\.packetsSent) == (boot.hasNIC ? [boot.sends ? 1 : 0] : []))
    #expect(proof.screenshot != nil)
  }

  @Test("a blue screen that stays is one of a system that stopped", .enabled(if: BootMatrixGuestTests.isWhole))
  func stopScreen() async throws {
    let folder = try TemporaryFolder()
    let disk = try BootSector.stopScreen(in: folder)
    let evidence = folder.url.appendingPathComponent("evidence").path
    let proof = try await BootProver().prove([disk], on: Self.hardware, evidence: evidence) { _ in }
    #expect(proof.verdict == .failed && proof.ending == .panic, "\(proof.reason)")
    #expect(proof.disks.first?.bytesWritten == 0)
  }

  @Test("a guest that restarts itself when it has done something is no loop")
  func restarts() async throws {
    let folder = try TemporaryFolder()
    let disk = try BootSector.restarting(afterWriting: 1280 << 10, in: folder)
    let hardware = BootHardware(firmware: .bios, cpuCount: 1, memoryBytes: 256 << 20, buses: ["ide"])
    let evidence = folder.url.appendingPathComponent("evidence").path
    let limits = BootLimits(total: .seconds(240), still: .seconds(60))
    let proof = try await BootProver().prove([disk], on: hardware, evidence: evidence, limits: limits) { _ in }
    #expect(proof.verdict == .proven && proof.ending == .login, "\(proof.reason)")
    #expect(proof.disks.first?.bytesWritten ?? 0 >= 5 * 1280 << 10)
    #expect(proof.notes.contains { $0.hasPrefix("The guest restarted itself") }, "\(proof.notes)")
  }

  @Test("a cancelled boot ends within seconds and leaves no machine behind")
  func cancelled() async throws {
    let folder = try TemporaryFolder()
    let disk = try BootSector.disk("working\r\n", then: .saysItAgain, in: folder)
    let evidence = folder.url.appendingPathComponent("evidence").path
    let work = Task { try await BootProver().prove([disk], on: Self.hardware, evidence: evidence) { _ in } }
    try await Task.sleep(for: .seconds(6))
    let start = ContinuousClock.now
    work.cancel()
    let error = await #expect(throws: AscendError.self) { try await work.value }
    #expect(error?.code == "cancelled")
    // Alone it takes a second; the guests of other tests share the processors.
    #expect(ContinuousClock.now - start < .seconds(30))
    let processes = try Lab.run("ps", ["-eo", "args"])
    #expect(!processes.contains(disk.path))
  }
}
