import ConnectorKit
import ConnectorProtocol

/// Whether a configuration works on this computer: QEMU is here, and the folder can be made, written and has room.
struct LiveCheck: Sendable {
  var settings: Settings

  /// Less than this is worth a warning before a restore is even planned.
  static let littleRoom: Int64 = 1 << 30

  func run() async throws -> [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    do {
      let host = try await Host.look()
      diagnostics.append(Diagnostic(severity: .note, code: "qemu.version", summary: "QEMU \(host.version) is here."))
      diagnostics += Self.warnings(await Accelerator.find(settings.accelerator), settings: settings)
    } catch let error as ConnectorError {
      diagnostics.append(
        Diagnostic(severity: .blocker, code: "qemu.missing", summary: error.message, action: error.remedy))
    } catch let error as CancellationError {
      throw error
    } catch {
      diagnostics.append(
        Diagnostic(severity: .blocker, code: "qemu.missing", summary: "QEMU could not be tried: \(error)"))
    }
    return diagnostics + folder()
  }

  private func folder() -> [Diagnostic] {
    guard let path = settings.folder else { return [] }
    let facts: FolderFacts
    do { facts = try FolderFacts.look(path) } catch {
      return [
        Diagnostic(
          severity: .blocker, code: "folder.unusable", summary: "The folder \(path) cannot be used: \(error)",
          at: "/folder", action: "Choose another folder.")
      ]
    }
    guard facts.isWritable else {
      return [
        Diagnostic(
          severity: .blocker, code: "folder.notWritable",
          summary: facts.exists ? "The folder \(path) cannot be written." : "The folder \(path) cannot be made.",
          detail: "This user may not write \(facts.nearest).", at: "/folder",
          action: "Give this user the right to, or choose another folder.")
      ]
    }
    let room = "\(ByteSize.text(facts.freeBytes)) of \(ByteSize.text(facts.totalBytes)) are free in \(facts.path)."
    return [
      Diagnostic(
        severity: facts.freeBytes < Self.littleRoom ? .warning : .note, code: "folder.space", summary: room,
        at: "/folder", action: facts.freeBytes < Self.littleRoom ? "Free space there." : nil)
    ]
  }

  static func warnings(_ finding: Accelerator.Finding, settings: Settings) -> [Diagnostic] {
    var warnings: [Diagnostic] = []
    if let why = finding.why {
      warnings.append(
        Diagnostic(
          severity: settings.accelerator == .tcg ? .note : .warning, code: "accel.emulated",
          summary: "Machines are emulated, which is about ten times slower than KVM.", detail: "KVM: \(why)",
          at: "/accel", action: settings.accelerator == .tcg ? nil : "Enable virtualisation where this system runs."))
    }
    if Firmware.find(secureBoot: false) == nil {
      warnings.append(
        Diagnostic(
          severity: .warning, code: "firmware.missing",
          summary: "Machines that start by UEFI cannot be restored: OVMF is not installed.",
          action: "Install OVMF (Debian and Ubuntu: package ovmf)."))
    }
    return warnings
  }
}
