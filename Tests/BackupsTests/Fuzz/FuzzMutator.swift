/// Damages inputs: some of it at random, some of it as somebody would who means harm.
struct FuzzMutator {
  var random: TestRandom
  /// What a hostile backup would name: files out of its folder, other computers, nonsense.
  let names: [String]
  let isText: Bool

  private static let numbers = [
    "0", "-1", "1", "4096", "2147483648", "4294967295", "9223372036854775807", "18446744073709551616",
    "999999999999999999999999", "1e9", "0x10", "",
  ]
  /// Where headers and tables are: what lies behind is data.
  private static let headerBytes = 330 << 10

  mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...6, using: &random) where bytes.count > 64 {
      if isText { changeText(&bytes) } else { changeNumbers(&bytes) }
    }
    if Int.random(in: 0..<20, using: &random) == 0 { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
    return bytes
  }

  /// Text may lie between binary parts, as in an archive: places are looked for where there is text.
  private mutating func changeText(_ bytes: inout [UInt8]) {
    let place = Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<8, using: &random) {
    case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
    case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...40, using: &random)))
    case 2: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 80)], at: place)
    case 3: bytes.insert(contentsOf: Array("<!DOCTYPE a [<!ENTITY b \"c\">]>&b;".utf8), at: place)
    case 4:
      replaceWord(&bytes, near: place, Self.numbers.randomElement(using: &random) ?? "") { (48...57).contains($0) }
    default:
      replaceWord(&bytes, near: place, names.randomElement(using: &random) ?? "") {
        $0 > 32 && $0 < 127 && !"\"'<>=".utf8.contains($0)
      }
    }
  }

  /// Puts `word` in place of the next run of bytes that are part of one.
  private func replaceWord(_ bytes: inout [UInt8], near place: Int, _ word: String, _ isPart: (UInt8) -> Bool) {
    guard let start = bytes[place...].firstIndex(where: isPart) else { return }
    let end = bytes[start...].prefix(512).firstIndex { !isPart($0) } ?? min(bytes.count, start + 512)
    bytes.replaceSubrange(start..<end, with: Array(word.utf8))
  }

  private mutating func changeNumbers(_ bytes: inout [UInt8]) {
    // Half of the changes where the densest structures are.
    let reach = Bool.random(using: &random) ? 4096 : Self.headerBytes
    let place = interesting(bytes, Int.random(in: 0..<min(bytes.count, reach), using: &random))
    let width = min([1, 2, 4, 8].randomElement(using: &random) ?? 1, bytes.count - place)
    switch Int.random(in: 0..<6, using: &random) {
    case 0: for index in 0..<width { bytes[place + index] = 0xff }
    case 1: for index in 0..<width { bytes[place + index] = 0 }
    case 2: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 3:
      let name = Array((names.randomElement(using: &random) ?? "").utf8.prefix(bytes.count - place))
      bytes.replaceSubrange(place..<(place + name.count), with: name)
    case 4:
      let from = Int.random(in: 0..<(bytes.count - width), using: &random)
      for index in 0..<width { bytes[place + index] = bytes[from + index] }
    default: for index in 0..<width { bytes[place + index] = UInt8.random(in: 0...255, using: &random) }
    }
  }

  /// The next byte that is not zero: most of a header is empty.
  private func interesting(_ bytes: [UInt8], _ place: Int) -> Int {
    bytes.withUnsafeBufferPointer { bytes in
      var at = place
      while at < min(bytes.count, place + 32768) {
        if bytes[at] != 0 { return at }
        at += 1
      }
      return place
    }
  }
}
