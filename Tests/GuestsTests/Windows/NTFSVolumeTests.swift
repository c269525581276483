import Foundation
import Testing

@testable import Guests

@Suite("The state of an NTFS volume", .enabled(if: NTFSTool.isThere, "needs mkntfs (package ntfs-3g)"))
struct NTFSVolumeTests {
  private func volume() throws -> [UInt8] {
    let folder = try TemporaryFolder()
    let path = folder.url.appendingPathComponent("volume").path
    try Lab.run("truncate", ["-s", "8M", path])
    // It warns on standard error that the file is no device.
    try Lab.run("sh", ["-c", "exec \(NTFSTool.path) -F -Q -q \"$0\" 2>/dev/null", path])
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  private func read(_ bytes: [UInt8]) -> NTFSVolume? {
    NTFSVolume { offset, count in
      let start = min(bytes.count, Int(clamping: offset))
      return Array(bytes[start..<min(bytes.count, start + count)])
    }
  }

  /// Whether it is dirty, and whether its log is open.
  private func state(_ bytes: [UInt8]) -> [Bool]? { read(bytes).map { [$0.isDirty, $0.hasOpenLog] } }

  /// Where an entry of the table of files is.
  private func record(_ number: Int, _ bytes: [UInt8]) throws -> Int {
    let boot = try #require(NTFSBoot(Array(bytes[..<512])))
    return Int(boot.tableOffset) + number * boot.recordBytes
  }

  @Test("a new volume is clean; marked ones are dirty")
  func dirty() throws {
    var bytes = try volume()
    #expect(state(bytes) == [false, false])
    let start = try record(3, bytes)
    // The attribute of type 0x70 holds the flags in its eleventh byte.
    var offset = start + Int(NTFSBytes(bytes).number(start + 20, 2))
    while NTFSBytes(bytes).number(offset, 4) != 0x70 { offset += Int(NTFSBytes(bytes).number(offset + 4, 4)) }
    bytes[offset + Int(NTFSBytes(bytes).number(offset + 20, 2)) + 10] |= 1
    #expect(state(bytes) == [true, false])
  }

  @Test("a log in use is an open one, a closed one is not")
  func log() throws {
    var bytes = try volume()
    let start = try record(2, bytes)
    let boot = try #require(NTFSBoot(Array(bytes[..<512])))
    let log = try #require(NTFSRecord(Array(bytes[start..<(start + boot.recordBytes)])))
    let page = Int(try #require(log.firstRun)) * boot.clusterBytes
    bytes.replaceSubrange(page..<(page + 4), with: Array("RSTR".utf8))
    bytes[page + 24] = 48
    bytes[page + 25] = 0
    for (client, flags, isOpen) in [(0, 0, true), (0, 2, false), (0xffff, 0, false)] {
      bytes[page + 48 + 12] = UInt8(client & 255)
      bytes[page + 48 + 13] = UInt8(client >> 8)
      bytes[page + 48 + 14] = UInt8(flags)
      bytes[page + 48 + 15] = 0
      #expect(read(bytes)?.hasOpenLog == isOpen)
    }
  }

  @Test("no bytes make the reader fail")
  func hostile() throws {
    let whole = try volume()
    #expect(read([]) == nil)
    #expect(read(Array(whole[..<512])) == nil)
    #expect(read([UInt8](repeating: 0xff, count: 1 << 16)) == nil)
    let table = try record(0, whole)
    var state: UInt64 = 11
    for round in 0..<400 {
      var bytes = whole
      for _ in 0..<6 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let place = Int(state >> 33) % (round % 2 == 0 ? 512 : 4096)
        bytes[(round % 2 == 0 ? 0 : table) + place] = UInt8(truncatingIfNeeded: state >> 20)
      }
      _ = read(bytes)
    }
  }
}

enum NTFSTool {
  static let path = "/usr/sbin/mkntfs"
  static let isThere = FileManager.default.isExecutableFile(atPath: path)
}
