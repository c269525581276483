public import ConnectorProtocol
import Foundation
import Glibc
public import Logging
public import Support

/// Boots a machine's disks on the hardware that a target will present, and says what came of it.
///
/// Nothing is kept of what the guest writes, and its network ends in the emulator.
public struct BootProver: Sendable {
  private let logger: Logger

  public init(logger: Logger = Logger(label: "ascend.guests")) {
    self.logger = logger
  }

  /// Why a boot on `hardware` would prove nothing here; nil where it can be tried.
  public static func obstacle(_ hardware: BootHardware) throws(AscendError) -> String? {
    BootMachine.obstacle(hardware, try DeviceTable.bundled())
  }

  /// - Parameters:
  ///   - disks: All disks of the machine, in its order: overlays, which are only read.
  ///   - needs: What the target asks of such a guest, with the buses of controllers in place of their ids: the drivers
  ///     that are expected in the evidence.
  ///   - keys: Typed where the guest asks for the passphrases of its disks on its serial port.
  ///   - evidence: The folder for the serial log and the picture of the screen; made where it is missing.
  ///   - limits: Nil for what suits this computer.
  /// - Throws: What prevents the attempt itself (`cancelled`, `tool.failed`); never for what the guest does.
  public func prove(
    _ disks: [GuestDisk], on hardware: BootHardware, needs: [DriverNeed] = [], keys: [DiskKey] = [],
    evidence: String, limits: BootLimits? = nil, progress: @escaping @Sendable (String) -> Void
  ) async throws(AscendError) -> BootProof {
    let table = try DeviceTable.bundled()
    if let obstacle = BootMachine.obstacle(hardware, table) { return .notProvable(obstacle, hardware) }
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/qemu-system-x86_64") else {
      return .notProvable("QEMU is not installed (package qemu-system-x86)", hardware)
    }
    let memoryMiB = BootMachine.memoryMiB(hardware)
    guard await ApplianceGate.shared.enter(memoryMiB: memoryMiB) else {
      throw AscendError("cancelled", "Cancelled before a guest was booted")
    }
    defer { ApplianceGate.shared.leave(memoryMiB: memoryMiB) }
    try StateDirectory.makePrivate(evidence)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ascend-boot-\(UUID().uuidString)").path
    try StateDirectory.makePrivate(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let files = BootMachine.Files(folder: folder)
    let firmware = hardware.firmware == .uefi ? BootFirmware.find(secureBoot: hardware.secureBoot) : nil
    if let firmware {
      do { try FileManager.default.copyItem(atPath: firmware.variables, toPath: files.variables) } catch {
        throw AscendError.wrapping(error, as: "guest.temporaryFile", "The firmware's variables could not be copied")
      }
      // The packaged file may be read-only, and its copy then is too.
      chmod(files.variables, 0o600)
    }
    let accelerated = await Acceleration.shared.hardwareWorks(logger: logger)
    progress("booting on \(hardware.description)")
    let monitor = try MonitorPipe(path: files.monitor)
    let terminal = try PipePair(path: files.terminal)
    let typing = PassphraseTyping(keys)
    let arguments = BootMachine(hardware: hardware, table: table, firmware: firmware)
      .arguments(disks, files, accelerated: accelerated)
    logger.debug("boot proof", metadata: ["arguments": "\(arguments.joined(separator: " "))"])
    let machine = try SupervisedTool("qemu-system-x86_64", arguments)
    let watch = BootWatch(
      files, machine, monitor, terminal, typing, limits ?? .fitting(accelerated: accelerated),
      nicCount: hardware.nics.count, hasNetwork: BootMachine.hasNetwork(hardware, table), isEmulated: !accelerated)
    var proof = BootProof.notProvable("", hardware)
    do throws(AscendError) {
      let outcome = try await watch.run(progress)
      if outcome.ending == .poweredOff, let refusal = Self.refusal(machine, files) {
        return .notProvable("QEMU does not start such a machine: \(refusal)", hardware)
      }
      proof = BootProof(
        verdict: outcome.verdict, ending: outcome.ending, reason: outcome.reason, hardware: hardware,
        accelerator: accelerated ? "kvm" : "tcg", seconds: watch.seconds, disks: [], nics: [],
        notes: BootMachine.missingNICs(hardware, table).map { "Not part of the proof: \($0)" })
      if try await watch.photograph(to: evidence + "/screen.png") { proof.screenshot = evidence + "/screen.png" }
    } catch {
      await Self.stop(machine)
      throw error
    }
    await Self.stop(machine)
    if watch.hasTyped { proof.notes.append("No picture of its screen is kept: a passphrase was typed") }
    let log = evidence + "/serial.log"
    if Self.keepTail(of: files.serial, at: log, typing) { proof.serialLog = log }
    if case let count = watch.restarts.count, count > 0 {
      proof.notes.append("The guest restarted itself \(count == 1 ? "once" : "\(count) times")")
    }
    let words = KernelWords(Self.head(of: files.serial, 4 << 20))
    let drivers = BootEvidence(hardware: hardware, table: table, needs: needs, words: words)
    proof.disks = drivers.disks(watch.disks)
    proof.nics = drivers.nics { Self.head(of: files.packets($0), 8 << 20) }
    if proof.verdict == .proven {
      proof.notes += proof.nics.filter { $0.packetsSent == 0 }.map {
        "The guest sent nothing on its network interface \($0.model): it may have no driver for it, or know it by another name"
      }
    }
    return proof
  }

  private static func stop(_ machine: SupervisedTool) async {
    machine.end()
    _ = await machine.wait()
  }

  /// Why QEMU ended by itself, where it is its own doing and not the guest's.
  private static func refusal(_ machine: SupervisedTool, _ files: BootMachine.Files) -> String? {
    guard let exit = machine.exit, exit.code != 0 else { return nil }
    return exit.lastErrorLine
  }

  private static func head(of path: String, _ bytes: Int) -> Data {
    guard let file = FileHandle(forReadingAtPath: path) else { return Data() }
    defer { try? file.close() }
    return (try? file.read(upToCount: bytes)) ?? Data()
  }

  /// The end of a serial log is what matters: no more than 4 MiB of it are kept. False: there is none.
  private static func keepTail(of path: String, at copy: String, _ typing: PassphraseTyping) -> Bool {
    guard let file = FileHandle(forReadingAtPath: path) else { return false }
    defer { try? file.close() }
    let limit: UInt64 = 4 << 20
    // A passphrase must not be cut in two before it is looked for.
    let more = UInt64(PassphraseTyping.longest)
    guard let size = try? file.seekToEnd() else { return false }
    try? file.seek(toOffset: size > limit + more ? size - limit - more : 0)
    guard let data = try? file.read(upToCount: Int(limit + more)) else { return false }
    return (try? Data(typing.hiding(data).suffix(Int(limit))).write(to: URL(fileURLWithPath: copy), options: .atomic))
      != nil
  }
}
