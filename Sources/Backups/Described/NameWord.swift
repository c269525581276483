/// An identifier as it may stand in a file's name: whatever its case, and with `-` for what file names avoid.
struct NameWord {
  private let word: [UInt8]

  /// Nil where nothing is left that could tell files apart.
  init?(_ identifier: String) {
    let folded = Self.folded(identifier)
    let word = Array(folded.drop { $0 == UInt8(ascii: "-") })
    let end = (word.lastIndex { $0 != UInt8(ascii: "-") } ?? -1) + 1
    guard end > 0 else { return nil }
    self.word = Array(word[..<end])
  }

  /// Where it stands in `name` with no letter or digit on either side, in bytes of UTF-8.
  func place(in name: String) -> Range<Int>? {
    let text = Self.folded(name)
    guard text.count >= word.count else { return nil }
    for start in 0...(text.count - word.count) where text[start] == word[0] {
      let end = start + word.count
      let isFree = (start == 0 || !Self.isLetter(text[start - 1])) && (end == text.count || !Self.isLetter(text[end]))
      if isFree, text[start..<end].elementsEqual(word) { return start..<end }
    }
    return nil
  }

  /// What is left of a file's name without it, its folders' separators and its extension: what tells copies apart.
  func rest(of name: String) -> String {
    var bytes = Array(name.utf8)
    if let dot = bytes.lastIndex(of: UInt8(ascii: ".")), dot > (bytes.lastIndex(of: UInt8(ascii: "/")) ?? -1) {
      bytes.removeSubrange(dot...)
    }
    let stem = String(decoding: bytes, as: UTF8.self)
    if let place = place(in: stem) { bytes.replaceSubrange(place, with: [UInt8(ascii: "-")]) }
    let parts = bytes.split { ".-_/ ".utf8.contains($0) }.map { String(decoding: $0, as: UTF8.self) }
    return parts.joined(separator: "-")
  }

  private static func folded(_ text: String) -> [UInt8] {
    text.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
      case UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: " "): UInt8(ascii: "-")
      default: byte
      }
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), 0x80...: true
    default: false
    }
  }
}
