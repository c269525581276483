import ConnectorProtocol
import Foundation

/// Attaches the disks and network interfaces of a machine that is there already by other hardware.
///
/// The mark says that the files are being written before they are, and what they hold afterwards: after a crash in
/// between the next attempt writes them anew, whatever it is asked for. A failure puts back what was there.
struct MachinePromotion: Sendable {
  var store: MachineStore
  var settings: Settings
  var usesKVM: Bool

  /// - Throws: `notFound`, `existsIncompatible` for a machine that runs, `mappingInvalid`.
  func run(_ request: MachinePromote) throws -> MachinePromote.Result {
    let name = request.machine.id
    let (folder, mark) = try store.owned(name, by: request.job)
    guard mark.state == .complete else {
      throw Failure.noMachine(name, in: store.path, why: "it has not been made yet")
    }
    let now = try mark.machine
    let wanted = try now.attached(by: request.hardware)
    let result = MachinePromote.Result(hardware: wanted.devices, previous: now.devices)
    guard result.changed || mark.isRewriting == true else { return result }
    guard MachineProcess.find(folder) == nil else {
      throw ConnectorError(
        .existsIncompatible, "Machine '\(name)' is running: its hardware is changed while it is switched off.",
        remedy: "Switch it off and retry.", outcome: .none)
    }
    let (script, domain) = (try read(folder.run), try read(folder.domain))
    try store.update(name, by: request.job) { $0.isRewriting = true }
    do {
      try AtomicFile.write(script, to: folder.runBefore, mode: 0o700)
      try MachineFiles(plan: wanted, folder: folder, accelerator: settings.accelerator, usesKVM: usesKVM).write()
      try store.update(name, by: request.job) {
        $0.hardware = wanted.devices
        $0.isRewriting = nil
      }
    } catch {
      if try read(folder.domain) != domain { try AtomicFile.write(domain, to: folder.domain) }
      if try read(folder.run) != script { try AtomicFile.write(script, to: folder.run, mode: 0o700) }
      try store.update(name, by: request.job) { $0.isRewriting = mark.isRewriting }
      throw error
    }
    return result
  }

  /// A description of ours: more than a mebibyte is none.
  private func read(_ path: String) throws -> Data {
    try Descriptor.open(path, O_RDONLY | O_NOFOLLOW).read(from: 0, limit: 1 << 20)
  }
}
