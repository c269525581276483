import Foundation
import Glibc
public import Support

/// Keeps what a backup names inside the backup's own folder.
public enum Confinement {
  /// The real path of `path`, with every symbolic link followed, which must lie within the real path of `folder`.
  ///
  /// - Throws: `disk.missing`, `disk.outsideBackup`.
  public static func resolve(_ path: String, within folder: String) throws(AscendError) -> String {
    let root = try real(folder, "backup.unreadable", "The backup's folder cannot be found")
    let resolved = try real(path, "disk.missing", "A file of the backup cannot be found")
    guard resolved == root || resolved.hasPrefix(root == "/" ? "/" : root + "/") else {
      throw AscendError(
        "disk.outsideBackup", "A file of the backup lies outside its folder", object: path,
        cause: "it leads to \(resolved), the backup's folder is \(root)",
        remedy: "Copy the file into the backup's folder, if you trust it")
    }
    return resolved
  }

  private static func real(_ path: String, _ code: AscendError.Code, _ message: String) throws(AscendError) -> String {
    guard let resolved = realpath(path, nil) else {
      throw AscendError.system(
        code, message, object: path, errno: errno, remedy: "Copy the backup again, or correct the path")
    }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Whether `name` is a plain file name: no folder, no protocol prefix, nothing that a descriptor's syntax could hide.
  public static func isPlainName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && name.utf8.count <= 255
      && name.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 && !"/\\:\"".unicodeScalars.contains($0) }
  }
}
