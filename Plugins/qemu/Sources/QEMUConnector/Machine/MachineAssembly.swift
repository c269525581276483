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
    try MachineFiles(plan: plan, folder: folder, accelerator: accelerator, usesKVM: usesKVM).write()
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
