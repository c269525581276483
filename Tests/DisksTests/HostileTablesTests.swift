import Foundation
import Support
import Testing

@testable import Disks

/// Images whose headers are in order and whose tables are not: what they point to is not there, or is themselves.
@Suite struct HostileTablesTests {
  private let images: TestImages

  init() throws { images = try TestImages() }

  private func image(_ format: ImageFormat, options: String? = nil) async throws -> ImageLayer {
    let raw = try images.raw("r", size: 8 << 20)
    defer { try? FileManager.default.removeItem(atPath: raw) }
    return try await images.image(format, from: raw, name: "d.img", options: options)
  }

  private func patch(_ layer: ImageLayer, _ change: (inout [UInt8]) -> Void) throws {
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: layer.path)))
    change(&bytes)
    try Data(bytes).write(to: URL(fileURLWithPath: layer.path))
  }

  private func expectRefused(_ layer: ImageLayer) async throws {
    let before = try images.fingerprint()
    let clock = ContinuousClock.now
    let error = try await ascendError {
      _ = try await DiskChain.resolve([layer], within: images.folder)
    }
    #expect(["disk.corrupt", "disk.unreadable", "disk.malformed", "disk.truncated"].contains(error.code))
    #expect(error.object == layer.path && error.remedy != nil)
    #expect(try images.fingerprint() == before)
    #expect(ContinuousClock.now - clock < .seconds(60))
  }

  enum Place: String, CaseIterable, Sendable {
    case pastTheEnd, farPastTheEnd, header, itself

    /// Where an entry at `own` is to point, in a file of `length` bytes.
    func offset(own: UInt64, length: Int) -> UInt64 {
      switch self {
      case .pastTheEnd: UInt64(length + (1 << 20)) / (1 << 16) * (1 << 16)
      case .farPastTheEnd: 1 << 55
      case .header: 0
      case .itself: own / (1 << 16) * (1 << 16)
      }
    }
  }

  /// The tables of tables of a qcow2.
  @Test(arguments: [Place.pastTheEnd, .farPastTheEnd, .itself]) func firstTablesOfQcow2(_ place: Place) async throws {
    let layer = try await image(.qcow2)
    try patch(layer) { bytes in
      let table = Int(bytes.integer(UInt64.self, at: 40, bigEndian: true) ?? 0)
      let offset = place.offset(own: UInt64(table), length: bytes.count)
      bytes.put((offset | 1 << 63).bigEndianBytes, at: table)
    }
    try await expectRefused(layer)
  }

  /// The places of clusters.
  @Test(arguments: [Place.pastTheEnd, .farPastTheEnd, .itself]) func secondTablesOfQcow2(_ place: Place) async throws {
    let layer = try await image(.qcow2)
    try patch(layer) { bytes in
      let first = Int(bytes.integer(UInt64.self, at: 40, bigEndian: true) ?? 0)
      let table = Int((bytes.integer(UInt64.self, at: first, bigEndian: true) ?? 0) & 0x00ff_ffff_ffff_fe00)
      let offset = place.offset(own: UInt64(table), length: bytes.count)
      bytes.put((offset | 1 << 63).bigEndianBytes, at: table)
    }
    try await expectRefused(layer)
  }

  /// The grain directory of a sparse VMDK, and a grain table.
  @Test(arguments: [true, false], [Place.pastTheEnd, .farPastTheEnd])
  func tablesOfVMDK(_ first: Bool, _ place: Place) async throws {
    let layer = try await image(.vmdk, options: "subformat=monolithicSparse")
    try patch(layer) { bytes in
      var sectors = place == .farPastTheEnd ? UInt32.max - 1 : UInt32(bytes.count / 512 + 2048)
      sectors = sectors / 128 * 128
      for pointer in [48, 56] {
        let directory = Int(bytes.integer(UInt64.self, at: pointer, bigEndian: false) ?? 0) * 512
        let table = Int(bytes.integer(UInt32.self, at: directory, bigEndian: false) ?? 0) * 512
        bytes.put(sectors.littleEndianBytes, at: first ? directory : table)
      }
    }
    try await expectRefused(layer)
  }

  @Test(arguments: Place.allCases) func tablesOfVHD(_ place: Place) async throws {
    let layer = try await image(.vpc, options: "subformat=dynamic,force_size=on")
    try patch(layer) { bytes in
      let table = Int(bytes.integer(UInt64.self, at: 512 + 16, bigEndian: true) ?? 0)
      let offset = place == .itself ? UInt64(table) : min(place.offset(own: 0, length: bytes.count), 1 << 40)
      bytes.put(UInt32(offset / 512).bigEndianBytes, at: table)
    }
    try await expectRefused(layer)
  }

  @Test(arguments: [Place.pastTheEnd, .farPastTheEnd]) func tablesOfVHDX(_ place: Place) async throws {
    let layer = try await image(.vhdx)
    try patch(layer) { bytes in
      let regions = 192 << 10
      let first = Int(bytes.integer(UInt64.self, at: regions + 16 + 16, bigEndian: false) ?? 0)
      let mebibytes = place == .farPastTheEnd ? UInt64(1) << 43 : UInt64(bytes.count >> 20) + 64
      bytes.put((mebibytes << 20 | 6).littleEndianBytes, at: first)
    }
    try await expectRefused(layer)
  }

  /// A few hundred kilobytes that become a quarter of a gigabyte: what they will take is known before, and where there is
  /// no room for it nothing stays.
  @Test(
    .enabled(if: geteuid() == 0, "a small file system can be mounted by root only"),
    arguments: [ImageKind(.qcow2, compression: "zlib"), ImageKind(.qcow2, compression: "zstd"), .vmdkStream])
  func aCompressionBomb(_ kind: ImageKind) async throws {
    let size: Int64 = 256 << 20
    let raw = images.path("r")
    _ = FileManager.default.createFile(atPath: raw, contents: nil)
    let handle = try #require(FileHandle(forWritingAtPath: raw))
    for _ in 0..<(size >> 20) { try handle.write(contentsOf: Data(repeating: 0xaa, count: 1 << 20)) }
    try handle.close()
    let bomb = images.path("bomb")
    try await DiskConversion.convert(images.chain(raw: raw), to: kind, at: bomb)
    try FileManager.default.removeItem(atPath: raw)
    var status = stat()
    #expect(stat(bomb, &status) == 0 && status.st_size < 8 << 20)

    let chain = try await DiskChain.resolve([ImageLayer(path: bomb, format: kind.format)], within: images.folder)
    #expect(chain.allocatedBytes == size)
    let small = images.path("small")
    try FileManager.default.createDirectory(atPath: small, withIntermediateDirectories: false)
    guard try await Tool.run("mount", ["-t", "tmpfs", "-o", "size=16m", "none", small]).exitCode == 0 else { return }
    var errors: [AscendError] = []
    var estimate: ConversionEstimate?
    do throws(AscendError) {
      estimate = try await ConversionEstimate.of(chain, as: .raw, at: small + "/o")
      try await DiskConversion.convert(chain, to: .raw, at: small + "/o")
    } catch { errors.append(error) }
    let left = try FileManager.default.subpathsOfDirectory(atPath: small)
    _ = try await Tool.run("umount", [small])
    #expect(errors.map(\.code) == ["disk.noSpace"])
    #expect(estimate.map { $0.imageBytes > $0.freeBytes } == true)
    #expect(left.isEmpty)
  }
}
