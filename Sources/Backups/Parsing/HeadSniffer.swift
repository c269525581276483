/// What the first bytes of a text file tell of it.
enum HeadSniffer {
  /// The first character that is no blank, after a byte order mark.
  static func firstCharacter(_ head: [UInt8]) -> UInt8? { text(head).first }

  /// The local name of the root element, where the text is XML and its root begins within `head`.
  static func xmlRoot(_ head: [UInt8]) -> String? {
    var rest = text(head)
    while rest.first == UInt8(ascii: "<") {
      let second = rest.dropFirst().first
      if second == UInt8(ascii: "?") {
        guard let after = skip(rest, past: "?>") else { return nil }
        rest = after
      } else if rest.starts(with: "<!--".utf8) {
        guard let after = skip(rest, past: "-->") else { return nil }
        rest = after
      } else if second == UInt8(ascii: "!") {
        guard let after = skip(rest, past: ">") else { return nil }
        rest = after
      } else {
        let name = rest.dropFirst().prefix { !" \t\r\n/>".utf8.contains($0) }
        let local = name.split(separator: UInt8(ascii: ":")).last ?? name[...]
        return local.isEmpty ? nil : String(decoding: local, as: UTF8.self)
      }
      rest = rest.drop { " \t\r\n".utf8.contains($0) }
    }
    return nil
  }

  private static func text(_ head: [UInt8]) -> ArraySlice<UInt8> {
    let text = head.starts(with: [0xef, 0xbb, 0xbf]) ? head.dropFirst(3) : head[...]
    return text.drop { " \t\r\n".utf8.contains($0) }
  }

  private static func skip(_ text: ArraySlice<UInt8>, past end: String) -> ArraySlice<UInt8>? {
    let bytes = Array(end.utf8)
    var rest = text
    while rest.count >= bytes.count {
      if rest.starts(with: bytes) { return rest.dropFirst(bytes.count).drop { " \t\r\n".utf8.contains($0) } }
      rest = rest.dropFirst()
    }
    return nil
  }
}
