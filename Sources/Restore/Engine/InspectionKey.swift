import Backups
import ConnectorProtocol
import Disks
import Foundation
import Guests
import Support

/// Names what an inspection depends on: the disks' content, what was looked for, and how this version looks.
///
/// Equal keys mean equal findings, so that the appliance is not started for what was seen before: under another path,
/// in a backup that was added anew, or for another target.
enum InspectionKey {
  /// - Parameter fingerprint: The state of the backup's files now.
  /// - Returns: A key of the files, and one of what the disks hold where that is known: it becomes known only when they
  ///   are read whole, which must not make what was found before unknown.
  static func all(_ backup: BackupRecord, fingerprint: String, drivers: [String]) -> [String] {
    let disks = backup.backup.disks
    let basis =
      ["ascend inspection \(GuestInspector.version)", "firmware \(backup.backup.machine.firmware.type.rawValue)"]
      + drivers
    func key(_ lines: [String]) -> String { SHA256.hex(Data((basis + lines).joined(separator: "\n").utf8)) }
    // The fingerprint is that of all the backup's files: which of its points this is, the images tell.
    let images = disks.map { disk in
      "disk \(disk.index) " + disk.chain.layers.map { "\($0.path) \($0.offset ?? 0)" }.joined(separator: " ")
    }
    var keys = [key(images + [fingerprint])]
    let digests = disks.compactMap { backup.content(of: $0.index)?.digest }
    // Digests are of the files as they were when the backup was added.
    if fingerprint == backup.fingerprint, digests.count == disks.count {
      keys.append(key(zip(disks, digests).map { "disk \($0.index) \($1)" }))
    }
    return keys
  }
}
