/// The records of a pax extended header that matter here: `27 path=a long name\n`.
struct PaxRecords: Equatable {
  var path: String?
  var size: Int64?
  /// The member is one of GNU tar's sparse files, whose bytes are not the file's.
  var sparse = false

  static func parse(_ bytes: [UInt8]) throws(TarHeader.Malformed) -> PaxRecords {
    var records = PaxRecords()
    var rest = bytes[...]
    while !rest.isEmpty {
      let digits = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }
      guard digits.count <= 9, let length = Int(String(decoding: digits, as: UTF8.self)), length > digits.count + 2,
        length <= rest.count
      else { throw .init(reason: "its extended header is not valid") }
      let record = rest.prefix(length)
      guard record[digits.endIndex] == 0x20, record.last == 0x0a,
        let equals = record.firstIndex(of: UInt8(ascii: "=")), equals > digits.endIndex
      else { throw .init(reason: "its extended header is not valid") }
      let key = String(decoding: record[(digits.endIndex + 1)..<equals], as: UTF8.self)
      try records.take(key, record[(equals + 1)...].dropLast())
      rest = rest.dropFirst(length)
    }
    return records
  }

  private mutating func take(_ key: String, _ value: ArraySlice<UInt8>) throws(TarHeader.Malformed) {
    switch key {
    case "path":
      guard let text = String(validating: value, as: UTF8.self), !text.contains("\0") else {
        throw .init(reason: "its name is no text")
      }
      path = text
    case "size":
      let digits = value.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
      guard digits, let number = Int64(String(decoding: value, as: UTF8.self)) else {
        throw .init(reason: "its size is no number")
      }
      size = number
    default:
      if key.hasPrefix("GNU.sparse.") { sparse = true }
    }
  }
}
