import Foundation

/// Writes a POSIX ustar archive: what an OVA is. Sizes beyond 8 GiB are written in base 256, as GNU tar does.
struct TarWriter: ~Copyable {
  private static let block = 512

  private let output: FileHandle

  init(_ output: FileHandle) {
    self.output = output
  }

  /// Adds a file from memory.
  func add(_ name: String, _ bytes: Data) throws {
    try begin(name, size: Int64(bytes.count))
    try output.write(contentsOf: bytes)
    try pad(Int64(bytes.count))
  }

  /// Adds a file from the disk, a piece at a time.
  ///
  /// - Parameter report: Is told the bytes of each piece; what it throws ends the writing.
  func add(_ name: String, from path: String, size: Int64, _ report: (Int) throws -> Void) throws {
    try begin(name, size: size)
    let input = try FileHandle(forReadingFrom: URL(filePath: path))
    defer { try? input.close() }
    var left = size
    while left > 0 {
      let piece = try input.read(upToCount: Int(min(left, 1 << 20))) ?? Data()
      guard !piece.isEmpty else { throw CocoaError(.fileReadCorruptFile, userInfo: [NSFilePathErrorKey: path]) }
      try output.write(contentsOf: piece)
      left -= Int64(piece.count)
      try report(piece.count)
    }
    try pad(size)
  }

  /// Two blocks of zeros end the archive.
  func end() throws {
    try output.write(contentsOf: Data(count: 2 * Self.block))
  }

  private func begin(_ name: String, size: Int64) throws {
    try output.write(contentsOf: try Self.header(name, size: size))
  }

  private func pad(_ size: Int64) throws {
    let rest = Int(size % Int64(Self.block))
    if rest > 0 { try output.write(contentsOf: Data(count: Self.block - rest)) }
  }

  static func header(_ name: String, size: Int64) throws -> Data {
    guard !name.isEmpty, name.utf8.count < 100 else { throw CocoaError(.fileWriteInvalidFileName) }
    var header = [UInt8](repeating: 0, count: block)
    func put(_ text: String, at offset: Int) {
      for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
    }
    put(name, at: 0)
    put("0000644", at: 100)
    put("0000000", at: 108)
    put("0000000", at: 116)
    if size < 1 << 33 {
      put(octal(size, 11), at: 124)
    } else {
      header[124] = 0x80
      for index in 0..<8 { header[128 + index] = UInt8(truncatingIfNeeded: size >> (56 - 8 * Int64(index))) }
    }
    // No time: the same machine makes the same archive.
    put("00000000000", at: 136)
    put("        ", at: 148)
    header[156] = UInt8(ascii: "0")
    put("ustar", at: 257)
    put("00", at: 263)
    let sum = header.reduce(0) { $0 + Int64($1) }
    put(octal(sum, 6), at: 148)
    header[154] = 0
    header[155] = UInt8(ascii: " ")
    return Data(header)
  }

  private static func octal(_ value: Int64, _ digits: Int) -> String {
    let text = String(value, radix: 8)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
