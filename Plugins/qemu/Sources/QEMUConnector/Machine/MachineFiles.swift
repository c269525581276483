import ConnectorProtocol
import Foundation

/// Writes what a machine's folder says of the machine: the start script, the description for libvirt and, once, the
/// firmware's variables.
struct MachineFiles: Sendable {
  var plan: MachinePlan
  var folder: MachineFolder
  var accelerator: Accelerator.Choice
  var usesKVM: Bool

  func write() throws {
    var firmware: Firmware?
    if plan.firmware == .uefi {
      guard let found = Firmware.find(secureBoot: plan.secureBoot) else {
        throw ConnectorError(
          .dependencyMissing, "The UEFI firmware that machine '\(plan.name)' was planned with is not here any more.",
          remedy: "Install OVMF (Debian and Ubuntu: package ovmf) and retry.", outcome: .partial)
      }
      firmware = found
      // What the guest has written there is kept.
      if !MachineStore.exists(folder.firmwareVariables) {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: found.variables))
        try AtomicFile.write(bytes, to: folder.firmwareVariables)
      }
    }
    let script = RunScript(plan: plan, firmware: firmware, accelerator: accelerator)
    let domain = DomainXML(plan: plan, folder: folder, firmware: firmware, usesKVM: usesKVM)
    try AtomicFile.write(Data(domain.text.utf8), to: folder.domain)
    try AtomicFile.write(Data(script.text.utf8), to: folder.run, mode: 0o700)
  }
}
