import Foundation
public import Support

/// What somebody writes to name a backup: a path, or an address.
public enum BackupAddress {
  /// The absolute path that `text` stands for.
  ///
  /// - Throws: `backup.unsupported` for an address whose content would have to be fetched first.
  public static func path(_ text: String) throws(AscendError) -> String {
    guard let match = text.firstMatch(of: #/^([A-Za-z][A-Za-z0-9+.-]*):///#) else {
      return URL(fileURLWithPath: text).standardizedFileURL.path
    }
    let scheme = match.1.lowercased()
    if scheme == "file", let path = URL(string: text)?.path, path.hasPrefix("/") {
      return URL(fileURLWithPath: path).standardizedFileURL.path
    }
    throw AscendError(
      "backup.unsupported", "Backups are read from this computer's own folders", object: String(text.prefix(300)),
      cause: "nothing here reads from \(scheme):// addresses",
      remedy: SnapshotAddress.remedy(text, scheme: scheme) ?? "Copy it into a folder, or mount it, and name that")
  }
}
