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

/// Paths as another computer wrote them, with either kind of separator.
public enum WindowsPath {
  /// The name behind the last separator.
  public static func lastComponent(_ path: String) -> String {
    String(path.split(whereSeparator: { $0 == "\\" || $0 == "/" }).last ?? "")
  }

  /// `C:\…` or `\\server\…`.
  public static func isAbsolute(_ path: String) -> Bool {
    if path.hasPrefix("\\") { return true }
    let head = Array(path.prefix(3))
    return head.count == 3 && head[0].isASCII && head[0].isLetter && head[1] == ":" && "\\/".contains(head[2])
  }
}
