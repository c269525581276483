import Backups
import ConnectorProtocol
import Foundation
import Guests
import Support

/// Names what an inspection depends on: the disks' content, what was looked for, and how this version looks.
///
/// Equal keys mean equal findings, so that the appliance is not started for what was seen before: under another path,
/// in a backup that was added anew, or for another target.
enum InspectionKey {
  /// - Parameter fingerprint: The state of the backup's files now.
  static func of(_ backup: BackupRecord, fingerprint: String, drivers: [String]) -> String {
    let machine = backup.backup.machine
    var lines = ["ascend inspection \(GuestInspector.version)", "firmware \(machine.firmware.type.rawValue)"]
    let digests = backup.backup.disks.map { backup.content(of: $0.index)?.digest }
    // What disks hold is known only where they were read whole, and their files have not changed since.
    if fingerprint == backup.fingerprint, digests.allSatisfy({ $0 != nil }) {
      lines += zip(backup.backup.disks, digests).map { "disk \($0.index) \($1 ?? "")" }
    } else {
      // The fingerprint is that of all the backup's files: which of its points this is, the images tell.
      let images = backup.backup.disks.map { disk in
        "disk \(disk.index) " + disk.chain.layers.map { "\($0.path) \($0.offset ?? 0)" }.joined(separator: " ")
      }
      lines += images + [fingerprint]
    }
    return SHA256.hex(Data((lines + drivers).joined(separator: "\n").utf8))
  }
}
