/// One key of a `.vmcx` with its value.
struct HyperVEntry {
  static let headerBytes = 21
  static let free: UInt8 = 1
  static let node: UInt8 = 9
  private static let longestText = 1 << 20
  /// Longer runs of bytes are no values that anybody here wants.
  static let mostBytes = 64

  var type: UInt8
  /// The value lies in an object of its own.
  var isElsewhere: Bool
  /// Of the whole entry.
  var size: Int
  var parent: (table: UInt16, offset: UInt32)?
  var key: String
  /// Where the value lies in the file.
  private var value: Range<Int>

  /// - Returns: nil where the table ends.
  init?(_ bytes: [UInt8], at offset: Int, end: Int) throws(HyperVStorage.Malformed) {
    guard let kind = bytes.number(UInt16.self, at: offset), let size = bytes.number(UInt32.self, at: offset + 2),
      let table = bytes.number(UInt16.self, at: offset + 6), let place = bytes.number(UInt32.self, at: offset + 8)
    else { throw .init(reason: "a key is cut short") }
    guard size != 0 else { return nil }
    let keyBytes = Int(bytes[offset + 20])
    type = UInt8(kind & 0xff)
    isElsewhere = kind >> 8 & 1 == 1
    guard size >= Self.headerBytes, Int(size) <= end - offset else {
      throw .init(reason: "a key goes on behind the end of its table")
    }
    self.size = Int(size)
    parent = table == 0 ? nil : (table, place)
    let data = offset + Self.headerBytes
    guard type != Self.free else {
      key = ""
      value = data..<data
      return
    }
    guard keyBytes > 1, data + keyBytes <= offset + self.size, bytes[data + keyBytes - 1] == 0,
      let key = String(validating: bytes[data..<(data + keyBytes - 1)], as: UTF8.self), !key.contains("/")
    else { throw .init(reason: "a key has no sensible name") }
    self.key = key
    value = (data + keyBytes)..<(offset + self.size)
  }

  func value(in bytes: [UInt8], files: [Int: Int]) throws(HyperVStorage.Malformed) -> HyperVNode.Value {
    switch type {
    case 3: return .integer(Int64(bitPattern: try number(UInt64.self, bytes)))
    case 4: return .integer(Int64(clamping: try number(UInt64.self, bytes)))
    case 6: return .text(try text(bytes, files))
    case 8: return .flag(try number(UInt32.self, bytes) != 0)
    case 7:
      let start = value.lowerBound + 4
      guard !isElsewhere, value.count >= 4, let count = bytes.number(UInt32.self, at: value.lowerBound).map(Int.init),
        count <= Self.mostBytes, count <= value.count - 4
      else { return .other }
      return .bytes(Array(bytes[start..<(start + count)]))
    case 5: return .other
    default: throw .init(reason: "the key \"\(key.prefix(80))\" is of an unknown type")
    }
  }

  private func number<T: FixedWidthInteger & UnsignedInteger>(_ type: T.Type, _ bytes: [UInt8])
    throws(HyperVStorage.Malformed) -> T
  {
    guard value.count >= MemoryLayout<T>.size, let number = bytes.number(T.self, at: value.lowerBound) else {
      throw cutShort()
    }
    return number
  }

  private func text(_ bytes: [UInt8], _ files: [Int: Int]) throws(HyperVStorage.Malformed) -> String {
    var place = value.lowerBound + 4
    let length = Int(try number(UInt32.self, bytes))
    if isElsewhere {
      guard let start = bytes.number(UInt64.self, at: place).flatMap({ Int(exactly: $0) }), value.count >= 12,
        let room = files[start], length <= room
      else { throw cutShort() }
      place = start
    } else {
      guard length <= value.count - 4 else { throw cutShort() }
    }
    guard length <= Self.longestText, length % 2 == 0, place + length <= bytes.count else { throw cutShort() }
    let units = stride(from: place, to: place + length, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 }
    return String(decoding: units.prefix { $0 != 0 }, as: UTF16.self)
  }

  private func cutShort() -> HyperVStorage.Malformed {
    .init(reason: "the value of \"\(key.prefix(80))\" is not where it should be")
  }
}

extension Array where Element == UInt8 {
  /// The number at `offset`, low byte first, or nil beyond the end.
  func number<T: FixedWidthInteger & UnsignedInteger>(_ type: T.Type, at offset: Int) -> T? {
    let width = MemoryLayout<T>.size
    guard offset >= 0, offset <= count - width else { return nil }
    return (0..<width).reversed().reduce(T(0)) { $0 << 8 | T(self[offset + $1]) }
  }
}
