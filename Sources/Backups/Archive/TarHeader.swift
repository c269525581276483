/// One 512-byte header of a tar archive: ustar, GNU or the old form.
struct TarHeader: Equatable {
  enum Kind: Equatable {
    case file, directory
    /// `x`: pax records for the next member.
    case pax
    /// `g`: pax records for all that follow.
    case paxGlobal
    /// `L`: the next member's name, which does not fit its header.
    case longName
    /// Links, devices, sparse files, parts of volumes.
    case other(UInt8)
  }

  var name: String
  var size: Int64
  var modified: Int64
  var kind: Kind

  struct Malformed: Error, Equatable {
    var reason: String
  }

  static let blockSize = 512

  /// - Returns: nil for the block of zeros that ends an archive.
  static func parse(_ block: [UInt8]) throws(Malformed) -> TarHeader? {
    guard block.count == blockSize else { throw Malformed(reason: "it is cut short") }
    if block.allSatisfy({ $0 == 0 }) { return nil }
    guard let sum = number(block[148..<156]), sum == checksum(block) else {
      throw Malformed(reason: "its checksum is wrong")
    }
    guard let size = number(block[124..<136]) else { throw Malformed(reason: "its size is no number") }
    let magic = Array(block[257..<265])
    var name = try text(block[0..<100])
    // Only ustar has a prefix there; GNU tar keeps times in the same place.
    if magic.starts(with: "ustar\0".utf8) {
      let prefix = try text(block[345..<500])
      if !prefix.isEmpty { name = prefix + "/" + name }
    }
    return TarHeader(
      name: name, size: size, modified: number(block[136..<148]) ?? 0, kind: kind(block[156], name))
  }

  private static func kind(_ flag: UInt8, _ name: String) -> Kind {
    switch flag {
    case 0, UInt8(ascii: "0"), UInt8(ascii: "7"): name.hasSuffix("/") ? .directory : .file
    case UInt8(ascii: "5"): .directory
    case UInt8(ascii: "x"): .pax
    case UInt8(ascii: "g"): .paxGlobal
    case UInt8(ascii: "L"): .longName
    default: .other(flag)
    }
  }

  /// Octal text, or GNU's big-endian binary where the first bit is set. nil where it is neither or does not fit.
  private static func number(_ field: ArraySlice<UInt8>) -> Int64? {
    guard let first = field.first else { return nil }
    if first & 0x80 != 0 {
      guard first == 0x80 else { return nil }
      var value: Int64 = 0
      for byte in field.dropFirst() {
        guard value <= Int64.max >> 8 else { return nil }
        value = value << 8 | Int64(byte)
      }
      return value
    }
    let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0x20 && $0 != 0 }
    guard digits.count <= 20, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x37 }) else { return nil }
    return digits.reduce(Int64(0)) { $0 << 3 | Int64($1 - 0x30) }
  }

  private static func checksum(_ block: [UInt8]) -> Int64 {
    let sum = block.reduce(Int64(0)) { $0 + Int64($1) }
    let field = block[148..<156].reduce(Int64(0)) { $0 + Int64($1) }
    return sum - field + 8 * 0x20
  }

  private static func text(_ field: ArraySlice<UInt8>) throws(Malformed) -> String {
    guard let text = String(validating: field.prefix { $0 != 0 }, as: UTF8.self) else {
      throw Malformed(reason: "its name is no text")
    }
    return text
  }
}
