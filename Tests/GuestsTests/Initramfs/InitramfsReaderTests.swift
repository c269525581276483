import Foundation
import Testing

@testable import Guests

@Suite("Reading an initramfs")
struct InitramfsReaderTests {
  private let kernel = "6.1.0-9-amd64"

  @Test("every compression, alone", arguments: SegmentKind.allCases)
  func alone(kind: SegmentKind) throws {
    let contents = try parse(ArchiveBuilder.compress(ArchiveBuilder.cpio(ArchiveBuilder.body(driver: "a-b")), kind))
    #expect(contents.segments.map(\.kind) == [kind])
    #expect(contents.segments.first?.members == 6)
    #expect(contents.modules(for: kernel) == ["a_b"])
    #expect(contents.modules(for: "5.10.0") == [])
    #expect(contents.libraryIsLink)
    #expect(contents.files["conf/conf.d/resume"] == Array("RESUME=none\n".utf8))
    #expect(contents.modulesFolder(for: kernel) == "usr/lib/modules/\(kernel)")
  }

  @Test(
    "microcode, main and an appended archive, padded as distributions do",
    arguments: [SegmentKind.cpio, .gzip, .xz, .zstd, .lz4],
    [0, 4, 512, 4096])
  func threeParts(kind: SegmentKind, padding: Int) throws {
    // Only zeros show where lz4 ends; see InitramfsBuilder.
    if kind == .lz4, padding == 0 { return }
    let microcode = ArchiveBuilder.cpio([.init(path: "kernel/x86/microcode/AuthenticAMD.bin", data: [9, 9, 9])])
    var bytes = microcode
    func pad() {
      if padding == 0 {
        while bytes.count % 4 != 0 { bytes.append(0) }
      } else {
        repeat { bytes.append(0) } while bytes.count % padding != 0 || bytes.count % 4 != 0
      }
    }
    pad()
    let mainOffset = bytes.count
    let main = try ArchiveBuilder.compress(
      ArchiveBuilder.cpio(ArchiveBuilder.body(driver: "vmw_pvscsi", filler: 200_000)), kind)
    bytes += main
    pad()
    bytes += ArchiveBuilder.cpio(ArchiveBuilder.body(driver: "virtio_blk"), magic: "070702")
    let contents = try parse(bytes)
    #expect(contents.segments.map(\.kind) == [.cpio, kind, .cpio])
    #expect(contents.segments[1].offset == mainOffset)
    #expect(contents.segments[1].length == main.count)
    #expect(contents.modules(for: kernel) == ["vmw_pvscsi", "virtio_blk"])
  }

  @Test(
    "what real tools write", arguments: [("gzip", ["-9n"]), ("xz", ["-8", "--check=crc32"]), ("zstd", ["-19", "-q"])])
  func realTools(tool: String, options: [String]) throws {
    let folder = try TemporaryFolder()
    let plain = folder.url.appendingPathComponent("plain")
    try Data(ArchiveBuilder.cpio(ArchiveBuilder.body(driver: "nvme", filler: 5 << 20))).write(to: plain)
    try Lab.run(tool, options + ["-k", plain.path])
    let files = try FileManager.default.contentsOfDirectory(at: folder.url, includingPropertiesForKeys: nil)
    let packed = try #require(files.first { $0.lastPathComponent != "plain" })
    let appended = ArchiveBuilder.cpio(ArchiveBuilder.body(driver: "ahci"))
    var bytes = [UInt8](try Data(contentsOf: packed))
    while bytes.count % 512 != 0 { bytes.append(0) }
    let contents = try parse(bytes + appended)
    #expect(contents.modules(for: kernel) == ["nvme", "ahci"])
  }

  @Test("a later part's file counts")
  func laterWins() throws {
    let second = ArchiveBuilder.cpio([.init(path: "./conf/conf.d/resume", data: Array("RESUME=UUID=1\n".utf8))])
    let contents = try parse(ArchiveBuilder.cpio(ArchiveBuilder.body(driver: "a")) + second)
    #expect(contents.files["conf/conf.d/resume"] == Array("RESUME=UUID=1\n".utf8))
  }

  @Test("an older layout keeps its modules in /lib")
  func notMerged() throws {
    let contents = try parse(
      ArchiveBuilder.cpio([.init(path: "lib", mode: 0o040755), .init(path: "lib/modules/5.4/a.ko")]))
    #expect(contents.modulesFolder(for: "5.4") == "lib/modules/5.4")
    #expect(contents.modulesFolder(for: "5.5") == "lib/modules/5.5")
  }

  @Test("what is no archive is an error")
  func garbage() {
    #expect(throws: InitramfsError.notAnArchive(offset: 0)) { try parse([]) }
    #expect(throws: InitramfsError.notAnArchive(offset: 0)) { try parse([0, 0, 0, 0]) }
    #expect(throws: InitramfsError.notAnArchive(offset: 0)) { try parse(Array("not an initramfs".utf8)) }
    let archive = ArchiveBuilder.cpio(ArchiveBuilder.body(driver: "a"))
    #expect(throws: InitramfsError.notAnArchive(offset: archive.count)) { try parse(archive + Array("rest".utf8)) }
    #expect(throws: InitramfsError.truncated(offset: 0)) { try parse(Array(archive.dropLast(200))) }
    // The kernel takes an archive only at a multiple of four bytes.
    #expect(throws: InitramfsError.notAnArchive(offset: archive.count + 2)) { try parse(archive + [0, 0] + archive) }
  }

  @Test("limits hold")
  func limits() throws {
    let many = ArchiveBuilder.cpio((0..<50).map { .init(path: "file\($0)") })
    #expect(throws: InitramfsError.tooLarge("more than 20 files")) { try parse(many, limits: .init(members: 20)) }
    let bomb = try ArchiveBuilder.compress(
      ArchiveBuilder.cpio([.init(path: "zeros", data: [UInt8](repeating: 0, count: 32 << 20))]), .gzip)
    #expect(bomb.count < 100_000)
    #expect(throws: InitramfsError.tooLarge("more than 1048576 bytes unpacked")) {
      try parse(bomb, limits: .init(unpackedBytes: 1 << 20))
    }
    let parts = [[UInt8]](repeating: ArchiveBuilder.cpio([]), count: 70).flatMap { $0 }
    #expect(throws: InitramfsError.tooLarge("more than 64 parts")) { try parse(parts) }
    let longName = ArchiveBuilder.cpio([.init(path: String(repeating: "x", count: 5000))])
    #expect(throws: InitramfsError.damaged(offset: 0, "a member's name has 5001 bytes")) { try parse(longName) }
  }
}
