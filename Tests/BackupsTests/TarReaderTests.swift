import Foundation
import Support
import Testing

@testable import Backups

@Suite struct TarReaderTests {
  private static let descriptor = Array("<Envelope/>".utf8)

  private static func sound() -> TestArchive {
    var archive = TestArchive()
    archive.add("vm.ovf", descriptor)
    archive.add("./disk.vmdk", [UInt8](repeating: 7, count: 1000))
    return archive
  }

  private func members(_ archive: TestArchive) throws -> [ArchiveMember] {
    let folder = try TestFolder()
    return try TarReader.members(of: try folder.write("a.ova", archive.bytes))
  }

  private func refusal(_ archive: TestArchive) throws -> AscendError {
    do { _ = try members(archive) } catch let error as AscendError { return error }
    throw NothingThrown()
  }

  @Test func findsMembersWhereTheyLie() throws {
    var archive = Self.sound()
    archive.finish()
    let found = try members(archive)
    #expect(found.map(\.name) == ["vm.ovf", "disk.vmdk"])
    #expect(found.map(\.offset) == [512, 1536])
    #expect(found.map(\.size) == [11, 1000])
    #expect(found[0].modified == 0o14724175623)
  }

  /// As `tar` of the system writes them, in each of its formats, with a name and a size that need extensions.
  @Test(arguments: ["ustar", "gnu", "posix", "v7"]) func readsWhatTarWrites(_ format: String) async throws {
    let folder = try TestFolder()
    let long = format == "gnu" || format == "posix" ? String(repeating: "long", count: 40) + ".vmdk" : "disk.vmdk"
    try folder.write("vm.ovf", Self.descriptor)
    try folder.write(long, [UInt8](repeating: 3, count: 777))
    _ = try await Tool.output(
      "tar", ["--format=\(format)", "-C", folder.path, "-cf", folder("a.ova"), "vm.ovf", long])
    let found = try TarReader.members(of: folder("a.ova"))
    #expect(found.map(\.name) == ["vm.ovf", long])
    let bytes = try folder.bytes("a.ova")
    #expect(bytes[Int(found[1].offset)..<Int(found[1].offset + 777)].allSatisfy { $0 == 3 })
    #expect(bytes[Int(found[1].offset) + 777] == 0)
  }

  @Test func paxRecordsCount() throws {
    var archive = TestArchive()
    archive.addPax([("path", "sub/ä.vmdk"), ("size", "600"), ("mtime", "1.5")])
    archive.add("short", [UInt8](repeating: 1, count: 600), size: "0")
    archive.finish()
    let found = try members(archive)
    #expect(found == [ArchiveMember(name: "sub/ä.vmdk", offset: 1536, size: 600, modified: 0o14724175623)])
  }

  @Test func largeSizesInBinary() throws {
    var block = TestArchive.header("a", "0", UInt8(ascii: "0"))
    block.replaceSubrange(124..<136, with: [0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 5])
    block = Self.repaired(block)
    #expect(try TarHeader.parse(block)?.size == 0x2_0000_0005)
  }

  @Test(arguments: ["/etc/passwd", "../x", "a/../../x", "a//b", "a\\b", "a\u{1}"]) func namesThatLeadOut(_ name: String)
    throws
  {
    var archive = Self.sound()
    archive.add(name, [1])
    archive.finish()
    #expect(try refusal(archive).code == "archive.unsafe")
    var pax = Self.sound()
    pax.addPax([("path", name)])
    pax.add("innocent", [1])
    #expect(try refusal(pax).code == "archive.unsafe")
  }

  @Test(arguments: [UInt8(ascii: "1"), UInt8(ascii: "2"), UInt8(ascii: "3"), UInt8(ascii: "6"), UInt8(ascii: "S")])
  func membersThatAreNoFiles(_ type: UInt8) throws {
    var archive = Self.sound()
    archive.add("disk2.vmdk", [], type: type, linkTo: "/etc/passwd")
    #expect(try refusal(archive).code == "archive.unsafe")
  }

  @Test func theSameNameTwice() throws {
    var archive = Self.sound()
    archive.add("disk.vmdk", [1])
    #expect(try refusal(archive).code == "archive.unsafe")
  }

  @Test func sizesBeyondTheEnd() throws {
    for size in ["77777777777", "7000"] {
      var archive = Self.sound()
      archive.add("disk2.vmdk", [1], size: size)
      #expect(try refusal(archive).code == "archive.truncated")
    }
    for size in ["9223372036854775807", "99999999999999999999999"] {
      var archive = Self.sound()
      archive.addPax([("size", size)])
      archive.add("disk2.vmdk", [1])
      #expect(["archive.truncated", "archive.malformed"].contains(try refusal(archive).code))
    }
  }

  @Test func cutShortAnywhere() throws {
    var archive = Self.sound()
    archive.add("last", [UInt8](repeating: 1, count: 600))
    let folder = try TestFolder()
    for length in stride(from: 1, to: archive.bytes.count, by: 97) where length % 512 != 0 {
      let path = try folder.write("a.ova", archive.bytes[..<length])
      #expect(throws: AscendError.self) { try TarReader.members(of: path) }
    }
  }

  @Test func survivesMutations() throws {
    let folder = try TestFolder()
    var random = TestRandom(seed: 11)
    var good = Self.sound()
    good.addPax([("path", "other"), ("size", "3")])
    good.add("x", [1, 2, 3])
    good.finish()
    for round in 0..<500 {
      // Half of them keep to headers whose checksum is right again, so that more than the checksum is tried.
      var bytes = random.mutate(good.bytes)
      if round % 2 == 0 { bytes = Self.repaired(bytes) }
      let path = try folder.write("a.ova", bytes)
      do {
        let size = Int64(bytes.count)
        for member in try TarReader.members(of: path) {
          #expect(member.offset >= 0 && member.size >= 0 && member.offset + member.size <= size)
          #expect(MemberName.clean(member.name) == member.name)
        }
      } catch {
        #expect(error.code.rawValue.hasPrefix("archive."))
      }
    }
  }

  private static func repaired(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for start in stride(from: 0, to: bytes.count - 511, by: 512)
    where bytes[(start + 257)...].starts(with: "ustar".utf8) {
      let sum = (0..<512).reduce(0) { $0 + ((148..<156).contains($1) ? 32 : Int(bytes[start + $1])) }
      let digits = String(sum, radix: 8)
      let field = String(repeating: "0", count: 6 - digits.count) + digits + "\0 "
      bytes.replaceSubrange((start + 148)..<(start + 156), with: Array(field.utf8))
    }
    return bytes
  }
}
