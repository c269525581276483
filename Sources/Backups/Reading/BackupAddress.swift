import Foundation
public import Support

/// What somebody writes to name a backup: a path, or an address.
public enum BackupAddress {
  /// The absolute path that `text` stands for.
  ///
  /// - Throws: `backup.unsupported` for an address whose content does not lie in a folder of this computer.
  public static func path(_ text: String) throws(AscendError) -> String {
    guard let match = text.firstMatch(of: #/^([A-Za-z][A-Za-z0-9+.-]*):///#) else {
      return URL(fileURLWithPath: text).standardizedFileURL.path
    }
    let scheme = match.1.lowercased()
    if scheme == "file", let path = URL(string: text)?.path, path.hasPrefix("/") {
      return URL(fileURLWithPath: path).standardizedFileURL.path
    }
    throw AscendError(
      "backup.unsupported", "This is no path", object: String(text.prefix(300)),
      cause: "\(scheme):// addresses are read by connectors",
      remedy: "Copy it into a folder, or mount it, and name that")
  }

  /// What stands before `://`, in lower case; nil for a path, also where it is written as a `file` address.
  public static func scheme(_ text: String) -> String? {
    let scheme = text.firstMatch(of: #/^([A-Za-z][A-Za-z0-9+.-]*):///#)?.1.lowercased()
    return scheme == "file" ? nil : scheme
  }
}
