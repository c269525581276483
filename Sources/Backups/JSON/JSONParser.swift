/// Parses a JSON document (RFC 8259) within limits: nothing in it can exhaust the stack or the memory.
struct JSONParser {
  struct Malformed: Error, Equatable {
    var reason: String
  }

  static let longest = 64 << 20
  static let deepest = 64
  static let mostValues = 4_000_000
  private static let longestNumber = 64

  private let bytes: [UInt8]
  private var place = 0
  private var values = 0

  /// - Parameter bytes: UTF-8, or UTF-16 with its mark in front, as some shells write what they redirect.
  static func parse(_ bytes: [UInt8]) throws(Malformed) -> JSONNode {
    guard bytes.count <= longest else { throw Malformed(reason: "it is longer than \(longest) bytes") }
    var parser = JSONParser(bytes: utf8(bytes))
    let node = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.place == parser.bytes.count else { throw parser.fault("something follows its end") }
    return node
  }

  /// Without a byte order mark, and in UTF-8.
  static func utf8(_ bytes: [UInt8]) -> [UInt8] {
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { return Array(bytes.dropFirst(3)) }
    let isLittle = bytes.starts(with: [0xff, 0xfe])
    guard isLittle || bytes.starts(with: [0xfe, 0xff]) else { return bytes }
    let units = stride(from: 2, to: bytes.count - 1, by: 2).map { place in
      isLittle
        ? UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8 : UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1])
    }
    return Array(String(decoding: units, as: UTF16.self).utf8)
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func value(depth: Int) throws(Malformed) -> JSONNode {
    guard depth <= Self.deepest else { throw fault("it is nested more than \(Self.deepest) deep") }
    values += 1
    guard values <= Self.mostValues else { throw fault("it has more than \(Self.mostValues) values") }
    skipSpace()
    guard place < bytes.count else { throw fault("it ends too early") }
    switch bytes[place] {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func object(depth: Int) throws(Malformed) -> JSONNode {
    place += 1
    var members: [String: JSONNode] = [:]
    if take(UInt8(ascii: "}")) { return .object(members) }
    while true {
      skipSpace()
      guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { throw fault("a member has no name") }
      let name = try string()
      guard take(UInt8(ascii: ":")) else { throw fault("there is no ':' after the name of a member") }
      let node = try value(depth: depth + 1)
      guard members.updateValue(node, forKey: name) == nil else {
        throw fault("\"\(name.prefix(80))\" stands twice in one object")
      }
      if take(UInt8(ascii: "}")) { return .object(members) }
      guard take(UInt8(ascii: ",")) else { throw fault("an object is not closed") }
    }
  }

  private mutating func array(depth: Int) throws(Malformed) -> JSONNode {
    place += 1
    var elements: [JSONNode] = []
    if take(UInt8(ascii: "]")) { return .array(elements) }
    while true {
      elements.append(try value(depth: depth + 1))
      if take(UInt8(ascii: "]")) { return .array(elements) }
      guard take(UInt8(ascii: ",")) else { throw fault("a list is not closed") }
    }
  }

  private mutating func string() throws(Malformed) -> String {
    place += 1
    let start = place
    while place < bytes.count, bytes[place] != UInt8(ascii: "\""), bytes[place] != UInt8(ascii: "\\"),
      bytes[place] >= 0x20
    {
      place += 1
    }
    guard place < bytes.count else { throw fault("a text is not closed") }
    if bytes[place] == UInt8(ascii: "\"") {
      defer { place += 1 }
      return try text(bytes[start..<place])
    }
    var decoded = Array(bytes[start..<place])
    while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
      guard bytes[place] >= 0x20 else { throw fault("a text holds a control character") }
      if bytes[place] == UInt8(ascii: "\\") {
        decoded += try escaped()
      } else {
        decoded.append(bytes[place])
        place += 1
      }
    }
    guard place < bytes.count else { throw fault("a text is not closed") }
    place += 1
    return try text(decoded[...])
  }

  private func text(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw fault("a text is not UTF-8") }
    return text
  }

  private static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5c, UInt8(ascii: "/"): 0x2f, UInt8(ascii: "b"): 8,
    UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
  ]

  private mutating func escaped() throws(Malformed) -> [UInt8] {
    place += 1
    guard place < bytes.count else { throw fault("a text is not closed") }
    let letter = bytes[place]
    place += 1
    if let byte = Self.escapes[letter] { return [byte] }
    guard letter == UInt8(ascii: "u") else { throw fault("an escape is not known") }
    var code = try hexadecimal()
    if (0xd800..<0xdc00).contains(code), place + 1 < bytes.count, bytes[place] == UInt8(ascii: "\\"),
      bytes[place + 1] == UInt8(ascii: "u")
    {
      place += 2
      let low = try hexadecimal()
      guard (0xdc00..<0xe000).contains(low) else { throw fault("half of a character is missing") }
      code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw fault("half of a character is missing") }
    return Array(String(Character(scalar)).utf8)
  }

  private mutating func hexadecimal() throws(Malformed) -> UInt32 {
    guard place + 4 <= bytes.count, bytes[place..<(place + 4)].allSatisfy({ Self.isHexadecimal($0) }),
      let code = UInt32(String(decoding: bytes[place..<(place + 4)], as: UTF8.self), radix: 16)
    else { throw fault("an escape is not four hexadecimal digits") }
    place += 4
    return code
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool { Character(Unicode.Scalar(byte)).isHexDigit }

  private mutating func number() throws(Malformed) -> JSONNode {
    let start = place
    while place < bytes.count, "+-.0123456789eE".utf8.contains(bytes[place]) { place += 1 }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    guard place > start, place - start <= Self.longestNumber, digits.first?.isNumber == true, Double(text) != nil else {
      throw fault("a value is none that JSON has")
    }
    return .number(text)
  }

  private mutating func word(_ word: String, _ node: JSONNode) throws(Malformed) -> JSONNode {
    guard bytes[place...].starts(with: word.utf8) else { throw fault("a value is none that JSON has") }
    place += word.utf8.count
    return node
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard place < bytes.count, bytes[place] == byte else { return false }
    place += 1
    return true
  }

  private mutating func skipSpace() {
    while place < bytes.count {
      let byte = bytes[place]
      guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return }
      place += 1
    }
  }

  private func fault(_ reason: String) -> Malformed {
    let line = bytes[..<min(place, bytes.count)].reduce(into: 1) { if $1 == 0x0a { $0 += 1 } }
    return Malformed(reason: "\(reason) (line \(line))")
  }
}
