public import Backups
import Disks
import Foundation
public import Support

/// Names the state of a backup's files, so that a change between the catalog and a restore is noticed before a byte is
/// read: path, size and time of change of each. It is no proof of content; the digests are.
public enum BackupFingerprint {
  /// - Throws: `backup.missing` naming a file that is gone.
  public static func of(_ backup: Backup) throws(AscendError) -> String {
    var lines: Set<String> = []
    // What lies elsewhere is compared by its generation when it is opened.
    for layer in backup.images {
      if let remote = layer.remote { lines.insert("\(layer.path) \(remote.generation)") }
    }
    for path in backup.images.flatMap(\.files) {
      guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
        let size = attributes[.size] as? NSNumber, let changed = attributes[.modificationDate] as? Date
      else {
        throw AscendError(
          "backup.missing", "A file of the backup is gone or cannot be read", object: path,
          remedy: "Put it back, or add the backup again from where it is now")
      }
      lines.insert("\(path) \(size) \(Int64(changed.timeIntervalSince1970 * 1000))")
    }
    return lines.sorted().joined(separator: "\n")
  }
}
