import ConnectorProtocol
import Foundation

/// A disk made up by the kit: two blocks of 1 MiB with data, one of zeros, and so on; a tail where the size has one.
///
/// `@unchecked Sendable`: everything is written in `init` and only read after it.
final class TestDisk: @unchecked Sendable {
  let sizeBytes: Int64
  let digest: String
  /// Bytes in blocks that hold data.
  let dataBytes: Int64
  private static let blockBytes = 1 << 20
  private let blocks: [[UInt8]?]

  init(sizeBytes: Int64, seed: UInt64) {
    self.sizeBytes = sizeBytes
    var blocks: [[UInt8]?] = []
    var digest = ContentDigest()
    var dataBytes: Int64 = 0
    var offset: Int64 = 0
    while offset < sizeBytes {
      let count = Int(min(Int64(Self.blockBytes), sizeBytes - offset))
      // A disk may be large because the platform asks for it; its data stays small.
      let holdsData = blocks.count % 3 != 1 && blocks.count < 48
      let block = holdsData ? Self.pattern(count, seed: seed &+ UInt64(blocks.count)) : nil
      if holdsData { dataBytes += Int64(count) }
      if let block {
        for start in stride(from: 0, to: count, by: ContentDigest.blockBytes) {
          let part = block[start..<min(start + ContentDigest.blockBytes, count)]
          digest.add(leaf: part.withUnsafeBytes { ContentDigest.leaf(of: $0) })
        }
      } else {
        digest.addZeros(blocks: ContentDigest.blocks(of: Int64(count)))
      }
      blocks.append(block)
      offset += Int64(count)
    }
    self.blocks = blocks
    self.dataBytes = dataBytes
    self.digest = digest.text(sizeBytes: sizeBytes) ?? "\(digest.blocks) blocks are no disk of \(sizeBytes) bytes"
  }

  private static func pattern(_ count: Int, seed: UInt64) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      var word = (seed &+ 1) &* 0x9e37_79b9_7f4a_7c15
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      for start in stride(from: 0, to: count, by: 8) {
        word ^= word << 13
        word ^= word >> 7
        word ^= word << 17
        if count - start >= 8 {
          bytes.storeBytes(of: word.littleEndian, toByteOffset: start, as: UInt64.self)
        } else {
          for index in start..<count { bytes[index] = UInt8(truncatingIfNeeded: word >> UInt64((index - start) * 8)) }
        }
      }
      filled = count
    }
  }

  /// A run of bytes that is all data or all zeros, from `offset` on.
  func extent(at offset: Int64) -> (length: Int64, isZero: Bool) {
    let block = Int64(Self.blockBytes)
    let index = Int(offset / block)
    let isZero = blocks[index] == nil
    var end = index + 1
    while end < blocks.count, (blocks[end] == nil) == isZero { end += 1 }
    return (min(Int64(end) * block, sizeBytes) - offset, isZero)
  }

  func bytes(at offset: Int64, count: Int) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: count)
    result.withUnsafeMutableBytes { target in
      var done = 0
      while done < count {
        let (index, start) = (Int(offset) + done).quotientAndRemainder(dividingBy: Self.blockBytes)
        let length = min(count - done, Self.blockBytes - start)
        blocks[index]?.withUnsafeBytes { block in
          let part = UnsafeMutableRawBufferPointer(rebasing: target[done..<done + length])
          part.copyMemory(from: UnsafeRawBufferPointer(rebasing: block[start..<start + length]))
        }
        done += length
      }
    }
    return result
  }

  /// Writes the disk as a sparse raw file.
  func write(to path: String) throws {
    guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
      let file = FileHandle(forWritingAtPath: path)
    else { throw RuleSkip("cannot write \(path)") }
    defer { try? file.close() }
    try file.truncate(atOffset: UInt64(sizeBytes))
    for (index, block) in blocks.enumerated() {
      guard let block else { continue }
      try file.seek(toOffset: UInt64(index * Self.blockBytes))
      try file.write(contentsOf: Data(block))
    }
  }
}
