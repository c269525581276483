import Backups
import ConnectorProtocol
import Disks
import Foundation
public import Guests
public import Support

extension PlanningService {
  /// What a restored machine did at its first start, read from a backup of it, or from its disks that were added as one.
  ///
  /// - Parameter keys: Where the keys of encrypted disks are.
  /// - Returns: Nil for a guest that was given nothing to do then.
  public func firstStart(
    of backup: BackupRecord, keys: [DiskKeyReference] = [], notice: @escaping @Sendable (String) -> Void
  ) async throws(AscendError) -> FirstStartLog? {
    if backup.backup.needsOffer {
      return try await engine.withDisks(of: backup) { try await firstStart(of: $0, keys: keys, notice: notice) }
    }
    let diskKeys = try engine.diskKeys(keys)
    let folder = engine.state.path + "/inspections/" + TimeOrderedUUID.make()
    try StateDirectory.makePrivate(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var disks: [GuestDisk] = []
    for disk in backup.backup.disks {
      let path = "\(folder)/disk\(disk.index).qcow2"
      try await Overlay.create(at: path, over: disk.chain)
      disks.append(GuestDisk(path: path, format: "qcow2"))
    }
    notice("looking inside the guest")
    return try await FirstStartReader(logger: engine.logger).read(disks, keys: diskKeys)
  }
}
