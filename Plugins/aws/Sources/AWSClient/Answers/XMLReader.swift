import Foundation

/// Reads a document into elements, within bounds: what a server says is not trusted.
///
/// Attributes, comments and processing instructions are passed over. A document type declaration, and so every entity
/// that it could declare, is refused.
struct XMLReader {
  struct Fault: Error, Hashable, CustomStringConvertible {
    var description: String
  }

  struct Limits: Sendable {
    var bytes = 32 << 20
    var depth = 64
    var elements = 1_000_000
  }

  private let bytes: [UInt8]
  private let limits: Limits
  private var place = 0
  private var open: [XMLElement] = []
  private var text: [UInt8] = []
  private var elements = 0
  private var root: XMLElement?

  private init(_ bytes: [UInt8], _ limits: Limits) {
    self.bytes = bytes
    self.limits = limits
  }

  static func parse(_ data: Data, limits: Limits = Limits()) throws(Fault) -> XMLElement {
    guard data.count <= limits.bytes else { throw Fault(description: "it has \(data.count) bytes") }
    var bytes = [UInt8](data)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    var reader = XMLReader(bytes, limits)
    return try reader.document()
  }

  private mutating func document() throws(Fault) -> XMLElement {
    while place < bytes.count {
      if bytes[place] == UInt8(ascii: "<") {
        try markup()
      } else if bytes[place] == UInt8(ascii: "&"), !open.isEmpty {
        try reference()
      } else {
        guard !open.isEmpty || isSpace(bytes[place]) else { throw fault("there is text outside its root") }
        if !open.isEmpty { text.append(bytes[place]) }
        place += 1
      }
    }
    guard open.isEmpty, let root else { throw fault("it ends early") }
    return root
  }

  private mutating func markup() throws(Fault) {
    if starts("<!--") {
      try pass("-->")
    } else if starts("<?") {
      try pass("?>")
    } else if starts("<![CDATA["), !open.isEmpty {
      let begin = place + "<![CDATA[".utf8.count
      try pass("]]>")
      text += bytes[begin..<(place - 3)]
    } else if starts("<!") {
      throw fault("it has a declaration")
    } else if starts("</") {
      try close()
    } else {
      try element()
    }
  }

  private mutating func element() throws(Fault) {
    place += 1
    let name = try self.name()
    elements += 1
    guard root == nil else { throw fault("it has more than one root") }
    guard open.count < limits.depth, elements <= limits.elements else {
      throw fault("it is nested too deeply or has too many elements")
    }
    text = []
    open.append(XMLElement(name: name))
    while true {
      space()
      guard place < bytes.count else { throw fault("it ends early") }
      if bytes[place] == UInt8(ascii: ">") {
        place += 1
        return
      }
      if starts("/>") {
        place += 2
        return finish()
      }
      try attribute()
    }
  }

  private mutating func attribute() throws(Fault) {
    _ = try name()
    space()
    guard place < bytes.count, bytes[place] == UInt8(ascii: "=") else { throw fault("an attribute has no value") }
    place += 1
    space()
    guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") || bytes[place] == UInt8(ascii: "'") else {
      throw fault("an attribute's value is not quoted")
    }
    let quote = bytes[place]
    guard let end = bytes[(place + 1)...].firstIndex(of: quote),
      !bytes[(place + 1)..<end].contains(UInt8(ascii: "<"))
    else { throw fault("an attribute does not end") }
    place = end + 1
  }

  private mutating func close() throws(Fault) {
    place += 2
    let name = try self.name()
    space()
    guard place < bytes.count, bytes[place] == UInt8(ascii: ">"), open.last?.name == name else {
      throw fault("an element is closed that is not open")
    }
    place += 1
    finish()
  }

  private mutating func finish() {
    guard var node = open.popLast() else { return }
    if node.children.isEmpty { node.text = String(decoding: text, as: UTF8.self) }
    text = []
    if open.isEmpty { root = node } else { open[open.count - 1].children.append(node) }
  }

  /// A name, without its prefix.
  private mutating func name() throws(Fault) -> String {
    let begin = place
    while place < bytes.count, !isSpace(bytes[place]), !Self.delimiters.contains(bytes[place]) { place += 1 }
    let name = String(decoding: bytes[begin..<place], as: UTF8.self)
    let local = name.split(separator: ":", omittingEmptySubsequences: false).last.map(String.init) ?? ""
    guard !local.isEmpty else { throw fault("a name is missing") }
    return local
  }

  private static let delimiters = Set("<>/=\"'&".utf8)
  private static let entities: [String: UInt8] = [
    "amp": UInt8(ascii: "&"), "lt": UInt8(ascii: "<"), "gt": UInt8(ascii: ">"), "quot": UInt8(ascii: "\""),
    "apos": UInt8(ascii: "'"),
  ]

  /// One of the five entities that need no declaration, or a character's number.
  private mutating func reference() throws(Fault) {
    guard let end = bytes[place...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
      throw fault("a reference does not end")
    }
    let name = String(decoding: bytes[(place + 1)..<end], as: UTF8.self)
    if let byte = Self.entities[name] {
      text.append(byte)
    } else {
      let number =
        name.hasPrefix("#x")
        ? UInt32(name.dropFirst(2), radix: 16) : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
      guard let number, number != 0, let scalar = Unicode.Scalar(number) else {
        throw fault("it refers to something undeclared")
      }
      text += Array(String(Character(scalar)).utf8)
    }
    place = end + 1
  }

  private mutating func pass(_ end: String) throws(Fault) {
    let pattern = Array(end.utf8)
    while place + pattern.count <= bytes.count {
      if bytes[place] == pattern[0], bytes[place..<(place + pattern.count)].elementsEqual(pattern) {
        place += pattern.count
        return
      }
      place += 1
    }
    throw fault("it ends early")
  }

  private mutating func space() {
    while place < bytes.count, isSpace(bytes[place]) { place += 1 }
  }

  private func starts(_ pattern: String) -> Bool { bytes[place...].starts(with: pattern.utf8) }
  private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
  private func fault(_ what: String) -> Fault { Fault(description: "\(what) (byte \(place))") }
}
