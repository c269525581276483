import Foundation
import Testing

@testable import Guests

@Suite("Building an initramfs")
struct InitramfsBuilderTests {
  private let kernel = "6.1.0-9-amd64"

  @Test("additions come last, at a place where a kernel finds them", arguments: SegmentKind.allCases)
  func appending(kind: SegmentKind) throws {
    let folder = try TemporaryFolder()
    let microcode = ArchiveBuilder.cpio([.init(path: "kernel/x86/microcode/GenuineIntel.bin", data: [1])])
    let main = try ArchiveBuilder.compress(ArchiveBuilder.cpio(ArchiveBuilder.body(driver: "old")), kind)
    // bzip2 and lzma files have nothing after them in the wild, but must not break when they do.
    let old = microcode + main
    let addition = folder.url.appendingPathComponent("addition")
    let writer = CPIOWriter(try OutputFile(creating: addition))
    try writer.add("usr/lib/modules/\(kernel)/kernel/new.ko", [1, 2, 3])
    try writer.add("usr/lib/modules/\(kernel)/kernel/newer.ko", [])
    try writer.finish()
    let new = folder.url.appendingPathComponent("new")
    let size = try old.withUnsafeBytes { raw in
      try InitramfsBuilder.build(old: raw, contents: try parse(old), adding: addition, into: new)
    }
    let bytes = [UInt8](try Data(contentsOf: new))
    #expect(Int64(bytes.count) == size)
    let contents = try parse(bytes)
    #expect(contents.modules(for: kernel) == ["old", "new", "newer"])
    #expect(contents.segments.last?.kind == .cpio)
    #expect(contents.segments.last.map { $0.offset % 512 } == 0)
    // Folders are made once, and before what is in them.
    #expect(contents.segments.last?.members == 7)
    if kind == .lz4 {
      #expect(contents.segments.map(\.kind) == [.cpio, .gzip, .cpio])
    } else {
      #expect(bytes.starts(with: old))
    }
  }

  @Test("the system's cpio reads what is written")
  func systemTool() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("archive")
    let writer = CPIOWriter(try OutputFile(creating: file))
    try writer.add("a/b/c.txt", Array("content".utf8))
    try writer.add("a/d", [], mode: 0o600)
    try writer.finish()
    let listing = try Lab.run("sh", ["-c", "bsdtar -tf '\(file.path)' 2>/dev/null || cpio -it < '\(file.path)'"])
    #expect(
      listing.split(separator: "\n").map { $0.hasSuffix("/") ? $0.dropLast() : $0 } == ["a", "a/b", "a/b/c.txt", "a/d"])
  }
}
