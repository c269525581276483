import Testing

@testable import Guests

@Suite("Damaged initramfs files")
struct InitramfsMutationTests {
  /// A small generator with a fixed seed: a failure can be repeated.
  private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }
  }

  @Test("hundreds of mutations end in a result or an error, never otherwise", arguments: SegmentKind.allCases)
  func mutations(kind: SegmentKind) throws {
    let main = try ArchiveBuilder.compress(ArchiveBuilder.cpio(ArchiveBuilder.body(driver: "a", filler: 500)), kind)
    let original = ArchiveBuilder.cpio([.init(path: "early")]) + main + [0, 0, 0, 0]
    var generator = Generator(state: UInt64(kind.rawValue.utf8.reduce(7) { $0 &* 31 &+ Int($1) }))
    var failures = 0
    let start = ContinuousClock.now
    for _ in 0..<150 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + 9))
        default: bytes.insert(contentsOf: [0xff, 0x30, 0x37, 0], at: place)
        }
        if bytes.isEmpty { bytes = [0x30] }
      }
      do {
        let contents = try parse(bytes, limits: .init(unpackedBytes: 16 << 20, members: 1000, segments: 16))
        #expect(contents.segments.allSatisfy { $0.length > 0 && $0.offset + $0.length <= bytes.count })
      } catch is InitramfsError {
        failures += 1
      }
    }
    #expect(failures > 20)
    #expect(ContinuousClock.now - start < .seconds(60))
  }

  @Test("every truncation is an error or a shorter file", arguments: [SegmentKind.cpio, .gzip, .xz, .zstd, .lz4])
  func truncations(kind: SegmentKind) throws {
    let original = try ArchiveBuilder.compress(ArchiveBuilder.cpio(ArchiveBuilder.body(driver: "a", filler: 50)), kind)
    for length in stride(from: 1, to: original.count - 12, by: 3) {
      #expect(throws: InitramfsError.self) { try parse(Array(original[..<length])) }
    }
  }
}
