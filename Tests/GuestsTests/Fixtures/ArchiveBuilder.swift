import CArchive
import Foundation
import Testing

@testable import Guests

/// Makes initramfs parts in memory, independently of the code under test.
enum ArchiveBuilder {
  struct Member {
    var path: String
    var mode: UInt32 = 0o100644
    var data: [UInt8] = []
  }

  static func cpio(_ members: [Member], magic: String = "070701") -> [UInt8] {
    var bytes: [UInt8] = []
    for (index, member) in (members + [Member(path: "TRAILER!!!", mode: 0)]).enumerated() {
      let fields = [
        index + 1, Int(member.mode), 0, 0, 1, 0, member.data.count, 0, 0, 0, 0, member.path.utf8.count + 1, 0,
      ]
      let header = magic + fields.map { String(format: "%08X", $0) }.joined()
      bytes += Array(header.utf8) + Array(member.path.utf8) + [0]
      while bytes.count % 4 != 0 { bytes.append(0) }
      bytes += member.data
      while bytes.count % 4 != 0 { bytes.append(0) }
    }
    return bytes
  }

  static func compress(_ bytes: [UInt8], _ kind: SegmentKind) throws -> [UInt8] {
    if kind == .cpio { return bytes }
    if kind == .lz4 { return legacyLZ4(bytes) }
    let archive = try #require(archive_write_new())
    let entry = try #require(archive_entry_new())
    defer {
      archive_entry_free(entry)
      archive_write_free(archive)
    }
    switch kind {
    case .gzip: archive_write_add_filter_gzip(archive)
    case .xz: archive_write_add_filter_xz(archive)
    case .zstd: archive_write_add_filter_zstd(archive)
    case .bzip2: archive_write_add_filter_bzip2(archive)
    case .lzma: archive_write_add_filter_lzma(archive)
    case .cpio, .lz4: break
    }
    archive_write_set_format_raw(archive)
    archive_write_set_bytes_per_block(archive, 0)
    var output = [UInt8](repeating: 0, count: bytes.count * 2 + 65536)
    var used = 0
    archive_entry_set_filetype(entry, 0o100000)
    let capacity = output.count
    try output.withUnsafeMutableBytes { buffer in
      #expect(archive_write_open_memory(archive, buffer.baseAddress, capacity, &used) == ARCHIVE_OK)
      #expect(archive_write_header(archive, entry) == ARCHIVE_OK)
      #expect(archive_write_data(archive, bytes, bytes.count) == bytes.count)
      try #require(archive_write_close(archive) == ARCHIVE_OK)
    }
    return Array(output[..<used])
  }

  /// The framing that kernels read, with blocks that hold literals only.
  private static func legacyLZ4(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = [0x02, 0x21, 0x4c, 0x18]
    for start in stride(from: 0, to: bytes.count, by: 8 << 20) {
      let chunk = bytes[start..<min(start + (8 << 20), bytes.count)]
      var block: [UInt8] = [chunk.count >= 15 ? 0xf0 : UInt8(chunk.count) << 4]
      if chunk.count >= 15 {
        var rest = chunk.count - 15
        while rest >= 255 {
          block.append(255)
          rest -= 255
        }
        block.append(UInt8(rest))
      }
      block += chunk
      let size = UInt32(block.count)
      output += (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) } + block
    }
    return output
  }

  /// A plausible initramfs body with one driver.
  static func body(driver: String, kernel: String = "6.1.0-9-amd64", filler: Int = 3000) -> [Member] {
    [
      Member(path: ".", mode: 0o040755),
      Member(path: "usr/lib/modules/\(kernel)", mode: 0o040755),
      Member(path: "lib", mode: 0o120777, data: Array("usr/lib".utf8)),
      Member(path: "usr/lib/modules/\(kernel)/kernel/drivers/\(driver).ko.xz", data: [1, 2, 3, 4, 5]),
      Member(path: "conf/conf.d/resume", data: Array("RESUME=none\n".utf8)),
      Member(path: "filler", data: (0..<filler).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }),
    ]
  }
}

func parse(_ bytes: [UInt8], limits: InitramfsReader.Limits = .init()) throws -> InitramfsContents {
  try bytes.withUnsafeBytes { raw in
    try InitramfsReader(limits: limits, wantedFiles: ["conf/conf.d/resume"]).read(raw)
  }
}
