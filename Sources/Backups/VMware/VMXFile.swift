import Foundation

/// The text form that VMware keeps its configuration in (`.vmx`, `.vmsd`): lines of `key = "value"`.
///
/// Keys do not tell upper from lower case. In values `|22` stands for the byte 0x22, which is how they hold quotation
/// marks and line ends. The encoding is named by the line `.encoding`.
struct VMXFile {
  struct Malformed: Error, Equatable {
    var reason: String
  }

  static let longest = 1 << 20
  private static let mostLines = 20_000

  /// By key, in lower case.
  private(set) var values: [String: String] = [:]
  private(set) var findings: [String] = []

  static func parse(_ bytes: [UInt8]) throws(Malformed) -> VMXFile {
    guard bytes.count <= longest else { throw Malformed(reason: "it is longer than \(longest) bytes") }
    guard !bytes.contains(0) else { throw Malformed(reason: "it is no text") }
    let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
    let lines = text.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d })
    guard lines.count <= mostLines else { throw Malformed(reason: "it has more than \(mostLines) lines") }
    var pairs: [(key: String, value: [UInt8])] = []
    for line in lines {
      guard let pair = try pair(line) else { continue }
      pairs.append(pair)
    }
    let named = pairs.first { $0.key == ".encoding" }.map { String(decoding: $0.value, as: UTF8.self) }
    let encoding = try VMXEncoding(named)
    var file = VMXFile()
    for (key, value) in pairs {
      guard file.values[key] == nil else {
        file.findings.append("\"\(key.prefix(80))\" stands twice in the configuration: the first counts")
        continue
      }
      file.values[key] = try encoding.text(value)
    }
    return file
  }

  /// The value of `key`, or nil where it has none or an empty one.
  subscript(_ key: String) -> String? {
    values[key.lowercased()].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Whether `key` is set to TRUE; nil where it is neither true nor false.
  func flag(_ key: String) -> Bool? {
    switch self[key]?.lowercased() {
    case "true", "1", "yes", "y": true
    case "false", "0", "no", "n": false
    default: nil
    }
  }

  func number(_ key: String) -> Int? { self[key].flatMap { Int($0.trimmingCharacters(in: .whitespaces)) } }

  /// nil for a comment or an empty line.
  private static func pair(_ raw: ArraySlice<UInt8>) throws(Malformed) -> (String, [UInt8])? {
    let line = trimmed(raw)
    guard let first = line.first, first != UInt8(ascii: "#") else { return nil }
    guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { throw malformed(line, "has no equals sign") }
    let key = trimmed(line[..<equals])
    guard !key.isEmpty, key.count <= 256, key.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") }) else {
      throw malformed(line, "has no sensible name")
    }
    var value = trimmed(line[(equals + 1)...])
    if value.first == UInt8(ascii: "\"") {
      guard let end = value.dropFirst().firstIndex(of: UInt8(ascii: "\"")) else {
        throw malformed(line, "has no second quotation mark")
      }
      let rest = trimmed(value[(end + 1)...])
      guard rest.isEmpty || rest.first == UInt8(ascii: "#") else { throw malformed(line, "goes on behind its value") }
      value = value[(value.startIndex + 1)..<end]
    }
    return (String(decoding: key, as: UTF8.self).lowercased(), unescaped(value))
  }

  /// `|22` as the byte it stands for; a bar without two hexadecimal digits behind it stands for itself.
  private static func unescaped(_ value: ArraySlice<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while let byte = rest.popFirst() {
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      if byte == UInt8(ascii: "|"), digits.utf8.count == 2, let escaped = UInt8(digits, radix: 16),
        digits.first != "+"
      {
        bytes.append(escaped)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return bytes
  }

  private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var text = text.drop { $0 == 0x20 || $0 == 0x09 }
    while let last = text.last, last == 0x20 || last == 0x09 { text.removeLast() }
    return text
  }

  private static func malformed(_ line: ArraySlice<UInt8>, _ what: String) -> Malformed {
    Malformed(reason: "the line \"\(String(decoding: line.prefix(80), as: UTF8.self))\" \(what)")
  }
}

/// The encodings that the hosts of different countries write.
struct VMXEncoding {
  private let encoding: String.Encoding
  private let name: String

  init(_ name: String?) throws(VMXFile.Malformed) {
    self.name = name ?? "UTF-8"
    switch self.name.lowercased().filter({ $0 != "-" && $0 != "_" }) {
    case "utf8": encoding = .utf8
    case "usascii", "ascii", "iso88591", "latin1": encoding = .isoLatin1
    case "windows1252", "cp1252": encoding = .windowsCP1252
    case "iso88592": encoding = .isoLatin2
    case "windows1250": encoding = .windowsCP1250
    case "windows1251": encoding = .windowsCP1251
    case "shiftjis", "windows31j": encoding = .shiftJIS
    case "eucjp": encoding = .japaneseEUC
    default: throw VMXFile.Malformed(reason: "its encoding \"\(self.name.prefix(40))\" is not known")
    }
  }

  func text(_ bytes: [UInt8]) throws(VMXFile.Malformed) -> String {
    if bytes.allSatisfy({ $0 < 0x80 }) { return String(decoding: bytes, as: UTF8.self) }
    guard let text = String(bytes: bytes, encoding: encoding) else {
      throw VMXFile.Malformed(reason: "it is not the \(name.prefix(40)) text that it should be")
    }
    return text
  }
}
