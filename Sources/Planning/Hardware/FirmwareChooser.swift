import ConnectorProtocol

/// Keeps the firmware that the guest can start with.
struct FirmwareChooser {
  struct Choice {
    var boot: CapabilityDocument.Boot
    var secureBoot: Bool
    var tpm: Bool
    var remarks: HardwareRemarks.Firmware
  }

  let question: HardwareQuestion

  func choose() -> Choice {
    var remarks = HardwareRemarks.Firmware()
    let wanted = firmware(&remarks)
    let architecture = Self.architecture(question.guest?.architecture)
    let offers = question.document.boot
    let matching = offers.filter { $0.firmware == wanted && $0.arch == architecture }
    remarks.isOffered = !matching.isEmpty
    let list = offers.map { "\($0.firmware) on \($0.arch)" }.joined(separator: ", ")
    remarks.offers = list.isEmpty ? "nothing" : list

    let source = question.machine.firmware
    // The way of starting that keeps most of what the machine had.
    let boot = matching.max { Self.kept($0, of: source) < Self.kept($1, of: source) }
    return Choice(
      boot: boot ?? CapabilityDocument.Boot(firmware: wanted, arch: architecture),
      secureBoot: source.secureBoot && boot?.secureBoot == true, tpm: source.tpm && boot?.tpm == true,
      remarks: remarks)
  }

  private func firmware(_ remarks: inout HardwareRemarks.Firmware) -> FirmwareType {
    let recorded = question.machine.firmware.type
    let asked = question.mapping.firmware
    let real = question.guest?.firmware
    if let real, real != asked ?? recorded {
      remarks.said = asked ?? recorded
      remarks.saidBy = asked == nil ? "The backup" : "The mapping"
      remarks.saidAt = asked == nil ? "/machine/firmware/type" : "/mapping/firmware"
      remarks.real = real
    }
    return asked ?? real ?? recorded
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
