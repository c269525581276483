import ConnectorKit
import Foundation

/// What carries out the guest's instructions: the processor itself (`kvm`) or an emulation (`tcg`, ten times slower).
enum Accelerator: String, Codable, Sendable {
  case kvm, tcg

  /// What the configuration may say.
  enum Choice: String, CaseIterable, Codable, Sendable {
    case auto, kvm, tcg
  }

  struct Finding: Hashable, Sendable {
    var accelerator: Accelerator
    /// Why KVM is not used, where it is not.
    var why: String?
  }

  /// Finds out by trying: /dev/kvm may be there, and QEMU abort on it.
  static func find(_ choice: Choice) async -> Finding {
    switch choice {
    case .tcg: return Finding(accelerator: .tcg, why: "the configuration says so")
    case .kvm, .auto:
      do {
        if let why = try await Blocking.run({ try whyNotKVM() }) { return Finding(accelerator: .tcg, why: why) }
        return Finding(accelerator: .kvm)
      } catch {
        return Finding(accelerator: .tcg, why: "QEMU could not be tried: \(error)")
      }
    }
  }

  /// Lets an empty machine run its firmware on KVM for a second and asks it how it is. Nil: it runs.
  private static func whyNotKVM() throws -> String? {
    guard access("/dev/kvm", R_OK | W_OK) == 0 else {
      return errno == ENOENT
        ? "/dev/kvm is not there" : "/dev/kvm cannot be opened: \(String(cString: strerror(errno)))"
    }
    let commands = try Descriptor.pipe()
    let answers = try Descriptor.memory()
    let errors = try Descriptor.memory()
    let machine = try Program.start(
      Host.program,
      [
        "-accel", "kvm", "-cpu", "host", "-machine", "q35", "-m", "64", "-nodefaults", "-no-user-config",
        "-display", "none", "-qmp", "stdio",
      ], input: commands.read, output: answers, error: errors)
    defer { machine.kill() }
    // A second for the firmware to run; then more for a computer with much else to do.
    for turn in 0..<300 {
      usleep(100_000)
      if let exit = machine.poll() {
        let said = String(decoding: try errors.read(from: 0, limit: 4096), as: UTF8.self)
        let last = said.split(whereSeparator: \.isNewline).last.map(String.init) ?? ""
        let reason = last.trimmingCharacters(in: .punctuationCharacters)
        return "QEMU ends with \(exit.text) on it" + (reason.isEmpty ? "" : ": \(reason)")
      }
      if turn == 10 {
        try commands.write.write(Data(#"{"execute":"qmp_capabilities"}{"execute":"query-status"}"#.utf8))
      }
      let said = String(decoding: try answers.read(from: 0, limit: 1 << 16), as: UTF8.self)
      guard said.contains(#""status": ""#) else { continue }
      return said.contains(#""status": "running""#) ? nil : "a machine on it stops by itself"
    }
    return "a machine on it does not answer"
  }
}
