import ConnectorProtocol

/// Keeps the firmware that the guest can start with; says what of it is lost.
struct FirmwareChooser {
  struct Choice {
    var boot: CapabilityDocument.Boot
    var secureBoot: Bool
    var tpm: Bool
    var diagnostics: [Diagnostic]
  }

  let question: HardwareQuestion

  func choose() -> Choice {
    var diagnostics: [Diagnostic] = []
    let wanted = firmware(&diagnostics)
    let architecture = Self.architecture(question.guest?.architecture)
    let offers = question.document.boot
    let matching = offers.filter { $0.firmware == wanted && $0.arch == architecture }
    if matching.isEmpty { diagnostics.append(notOffered(wanted, architecture, offers)) }

    let source = question.machine.firmware
    // The way of starting that keeps most of what the machine had.
    let boot = matching.max { Self.kept($0, of: source) < Self.kept($1, of: source) }
    let secureBoot = source.secureBoot && boot?.secureBoot == true
    let tpm = source.tpm && boot?.tpm == true
    if boot != nil { diagnostics += losses(source, secureBoot: secureBoot, tpm: tpm) }
    return Choice(
      boot: boot ?? CapabilityDocument.Boot(firmware: wanted, arch: architecture), secureBoot: secureBoot, tpm: tpm,
      diagnostics: diagnostics)
  }

  private func firmware(_ diagnostics: inout [Diagnostic]) -> FirmwareType {
    let recorded = question.machine.firmware.type
    let real = question.guest?.firmware
    if let asked = question.mapping.firmware {
      if let real, real != asked {
        diagnostics.append(
          Diagnostic(
            severity: .warning, code: "firmware.differs",
            summary: "The mapping asks for \(asked), but the disks start with \(real)", at: "/mapping/firmware",
            action: "Leave firmware out of the mapping"))
      }
      return asked
    }
    guard let real, real != recorded else { return recorded }
    diagnostics.append(
      Diagnostic(
        severity: .warning, code: "firmware.differs",
        summary: "The backup says \(recorded), but the disks start with \(real): \(real) is used",
        at: "/machine/firmware/type"))
    return real
  }

  private func notOffered(
    _ firmware: FirmwareType, _ architecture: String, _ offers: [CapabilityDocument.Boot]
  ) -> Diagnostic {
    let list = offers.map { "\($0.firmware) on \($0.arch)" }.joined(separator: ", ")
    return Diagnostic(
      severity: .blocker, code: "firmware.notOffered",
      summary: "The platform starts no machine with \(firmware) on \(architecture)",
      detail: "It offers " + (list.isEmpty ? "nothing" : list), at: "/machine/firmware/type",
      action: "Choose another target: a guest cannot change its firmware by itself")
  }

  private func losses(_ source: MachineDescription.Firmware, secureBoot: Bool, tpm: Bool) -> [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    if source.secureBoot, !secureBoot {
      diagnostics.append(
        Diagnostic(
          severity: .warning, code: "secureBoot.lost", summary: "The machine will start without Secure Boot",
          detail: "It had it; the platform does not offer it", at: "/machine/firmware/secureBoot"))
    }
    if source.tpm {
      diagnostics.append(
        Diagnostic(
          severity: .warning, code: tpm ? "tpm.renewed" : "tpm.lost",
          summary: tpm ? "The machine gets a new, empty TPM" : "The machine will have no TPM",
          detail: "What is sealed to the old one cannot be opened any more", at: "/machine/firmware/tpm",
          action: "Have the recovery keys of encrypted disks at hand"))
    }
    return diagnostics
  }

  private static func kept(_ boot: CapabilityDocument.Boot, of source: MachineDescription.Firmware) -> Int {
    (source.secureBoot && boot.secureBoot == true ? 1 : 0) + (source.tpm && boot.tpm == true ? 1 : 0)
  }

  /// Backups do not say it: x86_64 unless the guest is known to be built for another.
  static func architecture(_ name: String?) -> String {
    switch name {
    case nil, "amd64", "x86_64", "i386", "i486", "i586", "i686": "x86_64"
    case "arm64": "aarch64"
    case let name?: name
    }
  }
}
