import Support

/// Names of files inside a backup: relative paths that cannot leave it.
enum MemberName {
  /// `name` without a leading `./`.
  ///
  /// - Throws: `archive.unsafe`.
  static func checked(_ name: String, in object: String) throws(AscendError) -> String {
    guard let clean = clean(name) else {
      throw AscendError(
        "archive.unsafe", "A name in the backup leads out of it", object: object, cause: "\"\(name.prefix(200))\"",
        remedy: "Export the machine again: the names must be plain relative paths")
    }
    return clean
  }

  static func clean(_ name: String) -> String? {
    var text = Substring(name)
    while text.hasPrefix("./") { text = text.dropFirst(2) }
    if text.hasSuffix("/") { text = text.dropLast() }
    if text.isEmpty || text == "." { return name.hasPrefix(".") ? "." : nil }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let safe = parts.allSatisfy { part in
      !part.isEmpty && part != "." && part != ".."
        && part.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 && $0 != "\\" }
    }
    return safe && text.utf8.count <= 1024 ? String(text) : nil
  }
}
