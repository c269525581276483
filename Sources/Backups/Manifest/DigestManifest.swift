/// An OVF manifest (`.mf`): lines of `SHA256(name)= hex`.
struct DigestManifest: Equatable {
  struct Line: Equatable {
    var algorithm: String
    var member: String
    /// Lower-case hexadecimal.
    var value: String
  }

  struct Malformed: Error, Equatable {
    var reason: String
  }

  static let longest = 1 << 20

  var lines: [Line]

  static func parse(_ bytes: [UInt8]) throws(Malformed) -> DigestManifest {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed(reason: "it is no text") }
    var lines: [Line] = []
    for raw in text.split(whereSeparator: \.isNewline) {
      let line = raw.trimmingSpaces()
      if line.isEmpty || line.hasPrefix("#") { continue }
      lines.append(try self.line(line))
    }
    return DigestManifest(lines: lines)
  }

  /// The name may hold brackets, so the last one counts.
  private static func line(_ line: Substring) throws(Malformed) -> Line {
    guard let open = line.firstIndex(of: "("), let equals = line.lastIndex(of: "="), open < equals,
      let closing = line[..<equals].lastIndex(of: ")"), open < closing
    else { throw Malformed(reason: "the line \"\(line.prefix(80))\" is no digest") }
    let value = line[line.index(after: equals)...].trimmingSpaces().lowercased()
    guard !value.isEmpty, value.utf8.count <= 128, value.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) })
    else { throw Malformed(reason: "the digest in \"\(line.prefix(80))\" is not hexadecimal") }
    return Line(
      algorithm: line[..<open].trimmingSpaces().lowercased().filter { $0 != "-" },
      member: String(line[line.index(after: open)..<closing]), value: value)
  }
}

extension Substring {
  func trimmingSpaces() -> Substring {
    var text = drop(while: \.isWhitespace)
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text
  }
}
