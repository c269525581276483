import Support

/// The text of a VMDK descriptor: where the data is and what the image stands on.
///
/// The reader is stricter than qemu's on purpose. qemu scans an extent across line ends and skips lines it does not
/// understand, so a lenient reader here could overlook a file that qemu would open.
struct VMDKDescriptor: Equatable {
  static let firstLine = "# Disk DescriptorFile"

  struct Extent: Equatable {
    var access: String
    var sectors: Int64
    var type: String
    var fileName: String?
    var offsetSectors: Int64
  }

  struct Malformed: Error, Equatable {
    var reason: String
  }

  var createType: String?
  var parentName: String?
  /// Changes whenever the content does, so that a child can tell whether its parent is as it was: `CID`, in lower case.
  var contentID: String?
  /// The `contentID` that the parent must have; nil where there is no parent.
  var parentContentID: String?
  /// It names keys: its data is encrypted.
  var isEncrypted = false
  var extents: [Extent]

  /// Reads a whole descriptor, extents and all.
  static func parse(_ bytes: [UInt8]) throws(Malformed) -> VMDKDescriptor {
    var descriptor = VMDKDescriptor(extents: [])
    for line in try lines(of: bytes) {
      if line.isEmpty || line.hasPrefix("#") { continue }
      if let (key, value) = pair(line) {
        try descriptor.take(key, value)
      } else {
        descriptor.extents.append(try extent(line))
      }
    }
    return descriptor
  }

  /// Reads only the keys of a descriptor embedded in an image that holds its own data: its extents open nothing.
  static func parseKeys(_ bytes: [UInt8]) throws(Malformed) -> VMDKDescriptor {
    var descriptor = VMDKDescriptor(extents: [])
    for line in try lines(of: bytes) {
      if let (key, value) = pair(line) { try descriptor.take(key, value) }
    }
    return descriptor
  }

  static let longest: Int64 = 1 << 20

  /// The descriptor of a VMDK: the file itself or, without its extents, the one within an image that holds its own data.
  ///
  /// - Returns: nil where there is none.
  /// - Throws: `disk.malformed`, `disk.unreadable`.
  static func read(_ window: FileWindow, _ path: String) throws(AscendError) -> VMDKDescriptor? {
    var text: [UInt8]
    let header = try VMDKHeader.read(window)
    if let header {
      guard header.descriptorOffset > 0 else { return nil }
      text = try window.read(at: header.descriptorOffset, count: header.descriptorLength)
    } else {
      guard window.length <= longest else { return nil }
      text = try window.read(at: 0, count: Int(window.length))
      guard text.starts(with: "# Di") else { return nil }
    }
    do { return header == nil ? try parse(text) : try parseKeys(text) } catch {
      throw AscendError(
        "disk.malformed", "The VMDK is not valid", object: path, cause: error.reason,
        remedy: "Take the image from another copy of the backup")
    }
  }

  private mutating func take(_ key: String, _ value: String) throws(Malformed) {
    switch key.lowercased() {
    case "createtype":
      guard createType == nil else { throw Malformed(reason: "createType stands in it twice") }
      createType = value
    case "parentfilenamehint":
      guard parentName == nil else { throw Malformed(reason: "parentFileNameHint stands in it twice") }
      parentName = value
    case "encryptionkeys": isEncrypted = true
    case "cid": contentID = contentID ?? Self.identifier(value)
    case "parentcid":
      let identifier = Self.identifier(value)
      if identifier != Self.noParent { parentContentID = parentContentID ?? identifier }
    default: break
    }
  }

  private static let noParent = "ffffffff"

  /// Hexadecimal digits, without the zeros that some writers leave out in front.
  private static func identifier(_ value: String) -> String {
    let digits = value.lowercased()
    return String(repeating: "0", count: max(0, 8 - digits.utf8.count)) + digits
  }

  /// Lines up to the first zero byte, where readers stop: a writer that shortens a descriptor leaves old text behind it.
  private static func lines(of bytes: [UInt8]) throws(Malformed) -> [String] {
    let text = bytes.prefix { $0 != 0 }
    guard let decoded = String(validating: text, as: UTF8.self) else { throw Malformed(reason: "it is no text") }
    var lines: [String] = []
    for raw in decoded.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false) {
      let line = raw.last == "\r" ? raw.dropLast() : raw
      guard line.allSatisfy({ $0.value >= 32 || $0 == "\t" }) else {
        throw Malformed(reason: "it has control characters")
      }
      let blank: (Unicode.Scalar) -> Bool = { $0 == " " || $0 == "\t" }
      var trimmed = line.drop(while: blank)
      while let last = trimmed.last, blank(last) { trimmed.removeLast() }
      lines.append(String(Substring(trimmed)))
    }
    return lines
  }

  /// `key = "value"`, where the key is one word.
  private static func pair(_ line: String) -> (String, String)? {
    guard let equals = line.firstIndex(of: "=") else { return nil }
    let key = line[..<equals].trimmingSpaces()
    guard !key.isEmpty, key.allSatisfy({ $0.isLetter || $0.isNumber || "._-".contains($0) }) else { return nil }
    var value = line[line.index(after: equals)...].trimmingSpaces()
    if value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") { value = value.dropFirst().dropLast() }
    return (String(key), String(value))
  }

  /// `RW 16384 FLAT "name" 0`.
  private static func extent(_ line: String) throws(Malformed) -> Extent {
    let quoted = line.split(separator: "\"", omittingEmptySubsequences: false)
    let words = (quoted.first ?? "").split(whereSeparator: { $0 == " " || $0 == "\t" })
    guard quoted.count == 3 || quoted.count == 1, words.count == 3, let sectors = Int64(words[1]), sectors >= 0 else {
      throw Malformed(reason: "the line \"\(line.prefix(80))\" is neither a setting nor an extent")
    }
    var extent = Extent(
      access: String(words[0]), sectors: sectors, type: String(words[2]), fileName: nil, offsetSectors: 0)
    guard quoted.count == 3 else {
      // Only an extent of zeros has no file.
      guard extent.type == "ZERO" else { throw Malformed(reason: "the extent \"\(line.prefix(80))\" names no file") }
      return extent
    }
    extent.fileName = String(quoted[1])
    let rest = quoted[2].split(whereSeparator: { $0 == " " || $0 == "\t" })
    if let first = rest.first {
      guard let offset = Int64(first), offset >= 0 else {
        throw Malformed(reason: "the offset of extent \"\(quoted[1])\" is no number")
      }
      extent.offsetSectors = offset
    }
    return extent
  }
}

extension Substring {
  fileprivate func trimmingSpaces() -> Substring {
    var text = self.drop { $0 == " " || $0 == "\t" }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
  }
}
