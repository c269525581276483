/// Writes tar archives, sound ones and others.
struct TestArchive {
  private(set) var bytes: [UInt8] = []

  mutating func add(
    _ name: String, _ content: [UInt8], type: UInt8 = UInt8(ascii: "0"), size: String? = nil, linkTo: String = ""
  ) {
    bytes += Self.header(name, size ?? String(content.count, radix: 8), type, linkTo)
    bytes += content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }

  mutating func addPax(_ records: [(String, String)]) {
    let content = records.flatMap { key, value -> [UInt8] in
      let rest = " \(key)=\(value)\n"
      var length = rest.utf8.count + 1
      while String(length).utf8.count + rest.utf8.count != length { length += 1 }
      return Array((String(length) + rest).utf8)
    }
    add("PaxHeader", content, type: UInt8(ascii: "x"))
  }

  mutating func finish() { bytes += [UInt8](repeating: 0, count: 1024) }

  static func header(_ name: String, _ size: String, _ type: UInt8, _ link: String = "") -> [UInt8] {
    var block = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, _ place: Int, _ width: Int) {
      for (index, byte) in text.utf8.prefix(width).enumerated() { block[place + index] = byte }
    }
    put(name, 0, 100)
    put("0000644", 100, 8)
    put("0000000", 108, 8)
    put("0000000", 116, 8)
    put(String(repeating: "0", count: max(0, 11 - size.count)) + size, 124, 12)
    put("14724175623", 136, 12)
    block[156] = type
    put(link, 157, 100)
    put("ustar", 257, 6)
    put("00", 263, 2)
    put("        ", 148, 8)
    let sum = block.reduce(0) { $0 + Int($1) }
    let digits = String(sum, radix: 8)
    put(String(repeating: "0", count: 6 - digits.count) + digits + "\0 ", 148, 8)
    return block
  }
}
