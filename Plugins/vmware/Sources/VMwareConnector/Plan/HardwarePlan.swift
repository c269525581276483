import ConnectorKit
import ConnectorProtocol
import Foundation

/// The virtual hardware of a planned machine, and what of the request it cannot be.
struct HardwarePlan: Sendable {
  var request: PlanPreflight
  var settings: Settings
  var options: ConfigOptions

  var identity: Identity { Identity(renew: request.mapping.identity == "renew") }
  var isWindows: Bool { (request.guest?.family ?? request.machine.guest?.family) == "windows" }

  func cpu(_ findings: inout Findings) -> (count: Int, coresPerSocket: Int) {
    let asked = request.mapping.cpuCount ?? request.machine.cpu.count
    let count = min(max(asked, 1), MachineLimits.processors)
    if count != asked {
      findings.adjust(
        "/machine/cpu/count", from: String(asked), to: String(count),
        why: "A machine has 1 to \(MachineLimits.processors) processors.")
    }
    let cores = request.mapping.cpuCount == nil ? request.machine.cpu.coresPerSocket ?? 1 : 1
    guard cores > 0, count % cores == 0 else {
      findings.adjust(
        "/machine/cpu/coresPerSocket", from: String(cores), to: "1",
        why: "\(count) processors cannot be grouped so.")
      return (count, 1)
    }
    return (count, cores)
  }

  func memory(_ findings: inout Findings) -> Int64 {
    let wanted = request.mapping.memoryBytes ?? request.machine.memoryBytes
    let step = MachineLimits.memoryStep
    let bounded = min(max(wanted, MachineLimits.leastMemory), MachineLimits.memoryBytes)
    let given = (bounded + step - 1) / step * step
    if given != wanted {
      findings.adjust(
        "/machine/memoryBytes", from: String(wanted), to: String(given),
        why: "Memory goes in steps of \(ByteSize.text(step)), up to \(ByteSize.text(MachineLimits.memoryBytes)).")
    }
    return given
  }

  /// The guest type: as asked for, or the first candidate that the server knows.
  func guestID(_ findings: inout Findings) -> String {
    if let asked = request.options["guestId"]?.stringValue, !asked.isEmpty {
      if !options.guests.isEmpty, options.guests[asked] == nil {
        findings.block(
          "guest.unsupported", "The server has no guest type '\(asked)'.", at: "/options/guestId",
          action: "Choose another, or leave it out: the nearest is then taken.")
      }
      return asked
    }
    let candidates = GuestType.candidates(request.guest, source: request.machine.guest)
    let best = candidates[0]
    guard !options.guests.isEmpty else { return best }
    guard let known = candidates.first(where: { options.guests[$0] != nil }) else {
      findings.warn(
        "guest.unknown", "The server names none of the guest types \(candidates.joined(separator: ", ")).",
        at: "/guest", action: "Choose one with the option `guestId`.")
      return candidates[candidates.count - 1]
    }
    if known != best {
      findings.adjust(
        "/guest", from: best, to: known, why: "The server does not know \(best); \(known) is the nearest that it knows."
      )
    }
    return known
  }

  /// The hardware version, checked against what the machine needs and what the server can make.
  func version(_ disks: [MachinePlan.Disk], _ findings: inout Findings) -> String? {
    let asked = request.options["hardwareVersion"]?.stringValue ?? ""
    if !asked.isEmpty {
      guard ConfigOptions.number(asked) != nil else {
        findings.block(
          "hardwareVersion.unknown", "'\(asked)' is no hardware version.", at: "/options/hardwareVersion",
          action: "Write one like vmx-19.")
        return nil
      }
      if !options.versions.isEmpty, !options.versions.contains(asked) {
        let newest = options.versions.max { (ConfigOptions.number($0) ?? 0) < (ConfigOptions.number($1) ?? 0) } ?? ""
        findings.block(
          "hardwareVersion.unsupported", "The hosts here cannot make machines of version \(asked).",
          at: "/options/hardwareVersion", action: "Choose at most \(newest), or leave it out.")
      }
    }
    let version = asked.isEmpty ? options.defaultVersion : asked
    guard let number = version.flatMap(ConfigOptions.number) else { return asked.isEmpty ? nil : asked }
    for (need, what) in needs(disks) where number < need {
      findings.block(
        "hardwareVersion.tooOld", "\(what) needs hardware version vmx-\(need); it would be \(version ?? "").",
        at: "/options/hardwareVersion", action: "Choose a newer version, or other hardware.")
    }
    return asked.isEmpty ? nil : asked
  }

  private func needs(_ disks: [MachinePlan.Disk]) -> [(Int, String)] {
    var needs = disks.map { ($0.controller.leastVersion, "Controller \($0.controller.rawValue)") }
    if request.hardware.firmware == .uefi { needs.append((8, "UEFI")) }
    if request.hardware.secureBoot { needs.append((13, "Secure Boot")) }
    if tpm { needs.append((14, "A virtual TPM")) }
    return needs
  }

  /// Only when asked for: without a key provider the machine could not be made at all.
  var tpm: Bool { request.options["tpm"]?.boolValue ?? false }

  func checkFirmware(_ findings: inout Findings) {
    let hardware = request.hardware
    if hardware.arch != MachineLimits.architecture {
      findings.block(
        "guestUnsupported", "Machines here are \(MachineLimits.architecture), not \(hardware.arch).",
        at: "/hardware/arch")
    }
    if hardware.firmware != .bios, hardware.firmware != .uefi {
      findings.block(
        "firmware.unknown", "There is no firmware '\(hardware.firmware)' here.", at: "/hardware/firmware",
        action: "Choose bios or uefi.")
    }
    if hardware.secureBoot, hardware.firmware != .uefi {
      findings.block("firmware.secureBoot", "Secure Boot needs UEFI.", at: "/hardware/secureBoot")
    }
    if tpm, hardware.firmware != .uefi {
      findings.block("tpm.firmware", "A virtual TPM needs UEFI.", at: "/options/tpm", action: "Plan without one.")
    } else if hardware.tpm, !tpm {
      findings.note(
        "tpm.left",
        "The machine gets no TPM: one would be new and empty, and the server needs a key provider for it. "
          + "The option `tpm` gives it one.", at: "/hardware/tpm")
    }
  }
}
