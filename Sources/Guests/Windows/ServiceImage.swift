import Foundation

/// Where the file of a driver is, as `ImagePath` of its service says it.
enum ServiceImage {
  /// The kernel and the loader take these for the system's folder.
  private static let systemRoots: Set<String> = ["systemroot", "%systemroot%", "%windir%"]
  private static let mostParts = 16

  /// - Parameters:
  ///   - image: `system32\drivers\x.sys`, `\SystemRoot\System32\DriverStore\FileRepository\…\x.sys`,
  ///     `\??\C:\Windows\…`.
  ///   - systemRoot: `/Windows`.
  /// - Returns: The path below the system's folder, its parts divided by `/`; nil for what is elsewhere, which does not
  ///   start with the kernel.
  static func path(_ image: String, systemRoot: String) -> String? {
    let text = image.trimmingCharacters(in: CharacterSet(charactersIn: "\" \t"))
    var parts = text.split(whereSeparator: { $0 == "\\" || $0 == "/" })[...]
    let isAbsolute = text.first == "\\" || text.first == "/"
    if let first = parts.first, systemRoots.contains(first.lowercased()) {
      parts.removeFirst()
    } else if isAbsolute || parts.first.map(isDrive) == true {
      // A path of the old kind, with the drive's letter: which drive that is, only Windows knows; its folder is told.
      if parts.first == "??" || parts.first == "?" { parts.removeFirst() }
      guard let drive = parts.first, isDrive(drive), let folder = parts.dropFirst().first,
        folder.caseInsensitiveCompare(systemRoot.drop { $0 == "/" }) == .orderedSame
      else { return nil }
      parts.removeFirst(2)
    }
    guard (1...mostParts).contains(parts.count), parts.allSatisfy({ INFReader.isPlain(String($0)) }) else {
      return nil
    }
    return parts.joined(separator: "/")
  }

  private static func isDrive(_ part: Substring) -> Bool {
    part.count == 2 && part.last == ":" && part.first.map { $0.isASCII && $0.isLetter } == true
  }
}
