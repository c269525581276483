import Foundation
import Testing

@testable import Guests

/// That the real modprobe reads what is written here, and this what the real depmod wrote, is with `InitramfsModules`.
@Suite("kmod's binary index")
struct BinaryIndexTests {
  private static let entries = [
    ("a", "kernel/a.ko:"), ("ab", "kernel/ab.ko: kernel/a.ko"), ("abcd", "kernel/abcd.ko:"), ("abce", "x"),
    ("abce", "y"), ("nvme", "kernel/nvme.ko: kernel/nvme-core.ko"), ("nvme_core", "kernel/nvme-core.ko:"),
  ].map { BinaryIndex.Entry(key: $0.0, value: $0.1) }

  @Test("what is written is read again, in whatever order it came")
  func roundTrip() throws {
    let bytes = BinaryIndex.encode(Self.entries.shuffled())
    #expect(bytes.starts(with: [0xb0, 0x07, 0xf4, 0x57, 0, 2, 0, 1]))
    #expect(try Set(#require(BinaryIndex.decode(bytes))) == Set(Self.entries))
    #expect(BinaryIndex.decode(BinaryIndex.encode([])) == [])
  }

  @Test("keys that the format has no place for are left out")
  func unusable() {
    let entries = ["ü", "", String(repeating: "a", count: 256)].map { BinaryIndex.Entry(key: $0, value: "x") }
    #expect(BinaryIndex.decode(BinaryIndex.encode(entries)) == [])
  }

  @Test("damage is an answer, and takes no longer than the bytes are many")
  func damaged() {
    let bytes = BinaryIndex.encode(Self.entries)
    #expect(BinaryIndex.decode([]) == nil && BinaryIndex.decode(Array("index".utf8)) == nil)
    for count in 0..<bytes.count { _ = BinaryIndex.decode(Array(bytes[..<count])) }
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      var damaged = bytes
      for _ in 0..<3 { damaged[Int.random(in: 8..<bytes.count, using: &generator)] = .random(in: 0...255) }
      _ = BinaryIndex.decode(damaged)
    }
    // A node whose only child is itself.
    let loop: [UInt8] = [0xb0, 0x07, 0xf4, 0x57, 0, 2, 0, 1, 0x20, 0, 0, 12, 0x61, 0x61, 0x20, 0, 0, 12]
    #expect(BinaryIndex.decode(loop) == nil)
  }
}
