import Foundation

/// What a serial port carried, for people: without control characters and terminal sequences (ECMA-48).
enum TerminalText {
  private static let escape: UInt8 = 0x1b

  static func plain(_ bytes: [UInt8]) -> String {
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte == escape {
        index = end(of: bytes, from: index)
      } else if byte >= 0x20 && byte != 0x7f {
        result.append(byte)
      } else if byte == 0x09 {
        result.append(0x20)
      }
    }
    return String(decoding: result, as: UTF8.self).trimmingCharacters(in: .whitespaces)
  }

  /// Where the sequence ends whose escape character stands before `start`.
  private static func end(of bytes: [UInt8], from start: Int) -> Int {
    var index = start
    guard index < bytes.count else { return index }
    switch bytes[index] {
    case UInt8(ascii: "["):
      index += 1
      while index < bytes.count, bytes[index] < 0x40 { index += 1 }
    case UInt8(ascii: "]"):
      // A command of the operating system: up to BEL, or ESC and a backslash.
      while index < bytes.count, bytes[index] != 0x07, bytes[index] != escape { index += 1 }
      if index < bytes.count, bytes[index] == escape { index += 1 }
    default:
      while index < bytes.count, (0x20...0x2f).contains(bytes[index]) { index += 1 }
    }
    return min(index + 1, bytes.count)
  }
}
