import ConnectorDisk
import ConnectorProtocol
import Foundation
import Testing

@testable import ConnectorImages

@Suite struct FixedVHDTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// The last 512 bytes of a file.
  private func footer(_ path: String) throws -> [UInt8] {
    let handle = try #require(FileHandle(forReadingAtPath: path))
    try handle.seek(toOffset: try handle.seekToEnd() - 512)
    return Array(try handle.readToEnd() ?? Data())
  }

  @Test(arguments: oddSizes.filter { $0 < 2040 << 30 }) func theImageHoldsTheDisk(_ size: Int64) async throws {
    let disk = try scratch.raw(size: size, Sample.parts(size))
    let reader = try await scratch.reader(disk)
    let encoder = FixedVHDEncoder(sizeBytes: size)
    let aligned = (size + (1 << 20) - 1) / (1 << 20) * (1 << 20)
    #expect(encoder.sizeBytes == aligned)
    let image = encode(reader, as: encoder)
    let path = try await scratch.write(holesOf: image, to: "out.vhd")
    #expect(try scratch.size(path) == aligned + 512)
    #expect(image.totals?.bytes == encoder.imageBytes)
    // qemu-img reads the size by the field, as everybody does of Windows' images: no sector is cut off.
    #expect(try scratch.info(path, "vpc")["virtual-size"] as? Int64 == aligned)
    try scratch.truncate(disk, to: aligned)
    try scratch.expectSame(path, "vpc", disk, size: aligned)
  }

  /// Larger than the specification's largest, where the platform takes it: qemu-img refuses such, so it sees the bytes.
  @Test(arguments: oddSizes.filter { $0 > 2040 << 30 })
  func hugeDisksAreForThoseThatTakeThem(_ size: Int64) async throws {
    let disk = try scratch.raw(size: size, Sample.parts(size))
    let reader = try await scratch.reader(disk)
    let refused = encode(reader, as: FixedVHDEncoder(sizeBytes: size))
    let error = await #expect(throws: ConnectorError.self) { for try await _ in refused.pieces {} }
    #expect(error?.reason == .diskUnsupported)
    var options = FixedVHDEncoder.Options()
    options.largestDisk = 32 << 40
    let image = encode(reader, as: FixedVHDEncoder(sizeBytes: size, options: options))
    let path = try await scratch.write(holesOf: image, to: "out.vhd")
    #expect(try scratch.size(path) == size + 512)
    let bytes = try footer(path)
    #expect(bytes[48..<56].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } == UInt64(size))
    try scratch.truncate(path, to: size)
    try scratch.expectSame(path, "raw", disk, size: size)
  }

  @Test func theFooterIsAsSpecified() throws {
    let bytes = VHDFooter(sizeBytes: 1 << 30, options: .init()).bytes
    func number(_ at: Int, _ count: Int) -> UInt64 { bytes[at..<at + count].reduce(0) { $0 << 8 | UInt64($1) } }
    #expect(bytes.count == 512)
    #expect(bytes.starts(with: "conectix".utf8))
    #expect(number(8, 4) == 2 && number(12, 4) == 0x10000 && number(16, 8) == .max && number(24, 4) == 0)
    #expect(bytes[28..<32].elementsEqual("win ".utf8) && bytes[36..<40].elementsEqual("Wi2k".utf8))
    #expect(number(40, 8) == 1 << 30 && number(48, 8) == 1 << 30 && number(60, 4) == 2)
    #expect(number(56, 2) == 2080 && bytes[58] == 16 && bytes[59] == 63)
    var sum: UInt32 = 0
    for (index, byte) in bytes.enumerated() where !(64..<68).contains(index) { sum &+= UInt32(byte) }
    #expect(number(64, 4) == UInt64(~sum))
    #expect(bytes[74] >> 4 == 8)
    #expect(bytes[84...].allSatisfy { $0 == 0 })
  }

  /// Worked out by hand, by the appendix of the specification.
  @Test(arguments: [
    (Int64(20) << 20, [602, 4, 17]), (Int64(64) << 20, [963, 8, 17]), (Int64(512) << 20, [1040, 16, 63]),
    (Int64(1) << 30, [2080, 16, 63]), (Int64(127) << 30, [65278, 16, 255]), (Int64(2040) << 30, [65535, 16, 255]),
  ])
  func geometriesAreThoseOfTheSpecification(_ size: Int64, _ expected: [Int]) {
    let geometry = VHDGeometry(sizeBytes: size)
    #expect([Int(geometry.cylinders), Int(geometry.heads), Int(geometry.sectorsPerTrack)] == expected)
  }

  @Test func identifiersFollowFromWhatTheImageIsOf() {
    var options = FixedVHDEncoder.Options()
    let plain = VHDFooter(sizeBytes: 1 << 20, options: options).bytes
    #expect(plain == VHDFooter(sizeBytes: 1 << 20, options: options).bytes)
    options.identity = "job 7 disk 1"
    let named = VHDFooter(sizeBytes: 1 << 20, options: options).bytes
    #expect(named[68..<84] != plain[68..<84])
    #expect(named[..<64] == plain[..<64])
  }

  @Test func alignmentIsTheOptions() {
    var options = FixedVHDEncoder.Options()
    options.alignmentBytes = 512
    #expect(FixedVHDEncoder(sizeBytes: (20 << 20) + 512, options: options).imageBytes == (20 << 20) + 1024)
    options.alignmentBytes = 0
    #expect(FixedVHDEncoder(sizeBytes: 1, options: options).imageBytes == 1024)
    #expect(FixedVHDEncoder(sizeBytes: 0).imageBytes == (1 << 20) + 512)
  }
}
