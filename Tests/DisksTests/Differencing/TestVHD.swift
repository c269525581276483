import Foundation

@testable import Disks

/// Writes differencing VHD files from the published format; qemu-img cannot make them.
struct TestVHD {
  var size: Int
  var blockBytes = 2 << 20
  var identifier = TestVHDX.guid(1)
  var parentIdentifier: [UInt8] = []
  var relativeName: String?
  var absoluteName: String?
  var plainName = ""
  /// By block, by sector of 512 bytes.
  var blocks: [Int: [Int: [UInt8]]] = [:]

  static func identifier(of path: String) throws -> [UInt8] {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    return Array(bytes[bytes.count - 512 + 68..<bytes.count - 512 + 84])
  }

  func bytes() -> [UInt8] {
    let count = (size + blockBytes - 1) / blockBytes
    let tableBytes = (count * 4 + 511) / 512 * 512
    let bitmapBytes = (blockBytes / 512 / 8 + 511) / 512 * 512
    var header = [UInt8](repeating: 0, count: 1024)
    header.put(Array("cxsparse".utf8) + [UInt8](repeating: 0xff, count: 8), at: 0)
    header.put(UInt64(1536).bigEndianBytes + [0, 1, 0, 0], at: 16)
    header.put(UInt32(count).bigEndianBytes + UInt32(blockBytes).bigEndianBytes, at: 28)
    header.put(parentIdentifier, at: 40)
    header.put(plainName.utf16.flatMap { UInt16($0).bigEndianBytes }, at: 64)
    var file = [UInt8](repeating: 0, count: 1536 + tableBytes)
    for (index, entry) in [("W2ru", relativeName), ("W2ku", absoluteName)].enumerated() {
      guard let name = entry.1 else { continue }
      let words = name.utf16.flatMap { UInt16($0).littleEndianBytes }
      header.put(
        Array(entry.0.utf8) + UInt32(1).bigEndianBytes + UInt32(words.count).bigEndianBytes + [0, 0, 0, 0]
          + UInt64(file.count).bigEndianBytes, at: 576 + 24 * index)
      file += words + [UInt8](repeating: 0, count: 512 - words.count % 512)
    }
    header.put(VHDFooter.sum(header, skipping: 36).bigEndianBytes, at: 36)
    file.put(header, at: 512)
    file.put([UInt8](repeating: 0xff, count: tableBytes), at: 1536)
    for (number, sectors) in blocks.sorted(by: { $0.key < $1.key }) {
      file.put(UInt32(file.count / 512).bigEndianBytes, at: 1536 + number * 4)
      var bitmap = [UInt8](repeating: 0, count: bitmapBytes)
      var data = [UInt8](repeating: 0xdd, count: blockBytes)
      for (sector, bytes) in sectors {
        bitmap[sector / 8] |= 0x80 >> UInt8(sector % 8)
        data.put(bytes, at: sector * 512)
      }
      file += bitmap + data
    }
    let footer = footer()
    file.put(footer, at: 0)
    return file + footer
  }

  private func footer() -> [UInt8] {
    var footer = [UInt8](repeating: 0, count: 512)
    footer.put(Array("conectix".utf8) + [0, 0, 0, 2, 0, 1, 0, 0] + UInt64(512).bigEndianBytes, at: 0)
    footer.put(Array("win ".utf8) + [0, 6, 0, 1] + Array("Wi2k".utf8), at: 28)
    footer.put(UInt64(size).bigEndianBytes + UInt64(size).bigEndianBytes, at: 40)
    footer.put(UInt32(4).bigEndianBytes, at: 60)
    footer.put(identifier, at: 68)
    footer.put(VHDFooter.sum(footer, skipping: 64).bigEndianBytes, at: 64)
    return footer
  }
}
