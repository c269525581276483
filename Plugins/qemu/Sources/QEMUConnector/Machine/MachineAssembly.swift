import ConnectorProtocol
import Foundation

/// Makes a startable machine of a folder with all its disks: firmware variables, description and start script.
struct MachineAssembly: Sendable {
  var plan: MachinePlan
  var folder: MachineFolder
  var accelerator: Accelerator.Choice
  var usesKVM: Bool

  func run() throws {
    for disk in plan.disks { try check(disk) }
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

  private func check(_ disk: MachinePlan.Disk) throws {
    var facts = stat()
    guard try DiskReceipt.read(disk, in: folder)?.counts != nil,
      lstat(folder.file(disk.fileName), &facts) == 0, facts.st_mode & S_IFMT == S_IFREG,
      disk.format != "raw" || Int64(facts.st_size) == disk.sizeBytes
    else {
      throw ConnectorError(
        .notFound, "Disk \(disk.index) of machine '\(plan.name)' is not here in full.",
        remedy: "Bring the disk here before the machine is made.", outcome: .partial)
    }
  }
}
