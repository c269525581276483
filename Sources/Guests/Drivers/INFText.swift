import Foundation

/// The text of an INF file, whose encoding only its first bytes tell: UTF-16 with a mark in what Windows' own tools
/// write, and the system's 8-bit code page in old ones, of which everything that matters here is ASCII.
enum INFText {
  /// Of one INF file; the largest that are known (display drivers) have 2 MiB.
  static let maxBytes = 4 << 20

  static func decode(_ bytes: [UInt8]) -> String {
    switch (bytes.first, bytes.dropFirst().first) {
    case (0xff, 0xfe): return utf16(bytes.dropFirst(2)) { UInt16($0) | UInt16($1) << 8 }
    case (0xfe, 0xff): return utf16(bytes.dropFirst(2)) { UInt16($1) | UInt16($0) << 8 }
    default: break
    }
    let body = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
    if let text = String(validating: body, as: UTF8.self) { return text }
    return String(decoding: body.map(UInt16.init), as: UTF16.self)
  }

  private static func utf16(_ bytes: ArraySlice<UInt8>, _ unit: (UInt8, UInt8) -> UInt16) -> String {
    let bytes = Array(bytes)
    let units = stride(from: 0, to: bytes.count - 1, by: 2).map { unit(bytes[$0], bytes[$0 + 1]) }
    return String(decoding: units, as: UTF16.self)
  }
}
