import Foundation
import Support
import Testing

@testable import Disks

/// Differencing VHD and VHDX: what a guest would read is compared, by qemu-img, with a plain copy made by the test.
@Suite struct DifferencingTests {
  private static let mebi = 1 << 20

  /// A base made by qemu-img, and what a guest reads from it.
  private func base(_ images: TestImages, _ format: ImageFormat, _ name: String, size: Int, _ options: String)
    async throws -> [UInt8]
  {
    let raw = try images.raw("base.raw", size: size, runs: 9)
    _ = try await images.image(format, from: raw, name: name, options: options)
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: raw)))
  }

  private func sectors(_ seed: UInt64, of count: Int, bytes: Int = 512) -> [Int: [UInt8]] {
    var random = TestRandom(seed: seed)
    var sectors: [Int: [UInt8]] = [:]
    for sector in 0..<count where Bool.random(using: &random) {
      sectors[sector] = Array(repeating: UInt8.random(in: 1...255, using: &random), count: bytes)
    }
    return sectors
  }

  private func expect(_ chain: DiskChain, _ wanted: [UInt8], _ images: TestImages) async throws {
    let raw = try images.write("wanted.raw", wanted)
    let plain = DiskChain(
      layers: [ImageLayer(path: raw, format: .raw)], virtualSizeBytes: Int64(wanted.count))
    let before = try images.fingerprint()
    let overlay = try await Overlay.create(at: images.path("overlay.qcow2"), over: chain)
    #expect(try await images.same(overlay, plain))
    // Whoever opens the overlay by its name reads the same.
    let byName = try await Tool.run(
      "qemu-img", ["compare", "-f", "qcow2", "-F", "raw", images.path("overlay.qcow2"), raw])
    #expect(byName.exitCode == 0, "\(byName.standardError)")
    try await DiskConversion.convert(chain, to: .qcow2, at: images.path("copy.qcow2"))
    let copy = DiskChain(
      layers: [ImageLayer(path: images.path("copy.qcow2"), format: .qcow2)], virtualSizeBytes: Int64(wanted.count))
    #expect(try await images.same(copy, plain))
    let after = try images.fingerprint()
    for (name, print) in before { #expect(after[name] == print, "\(name) was changed") }
  }

  @Test(arguments: [1, 8, 32]) func aChainOfVHDX(blockMebibytes: Int) async throws {
    let images = try TestImages()
    let size = 72 * Self.mebi + 512 * 5
    var wanted = try await base(images, .vhdx, "base.vhdx", size: size, "subformat=dynamic,block_size=1M")
    var first = TestVHDX(size: size, blockBytes: blockMebibytes * Self.mebi, identifier: TestVHDX.guid(21))
    first.parentLinkage = try TestVHDX.identifier(of: images.path("base.vhdx"))
    first.parentNames = ["relative_path": ".\\BASE.vhdx", "absolute_win32_path": "D:\\vms\\base.vhdx"]
    let blocks = (size + first.blockBytes - 1) / first.blockBytes
    first.blocks[0] = .partly(sectors(3, of: 200))
    first.blocks[blocks / 2] = .full([UInt8](repeating: 0x5a, count: first.blockBytes))
    first.blocks[blocks - 1] = .partly(sectors(4, of: 5))
    apply(first, to: &wanted)
    _ = try images.write("first.avhdx", first.bytes())
    let middle = wanted
    var second = TestVHDX(size: size, identifier: TestVHDX.guid(22), parentLinkage: first.identifier)
    second.parentNames = ["relative_path": "first.avhdx"]
    second.blocks = [
      0: .zeros, 1: .partly(sectors(5, of: 2048)), 2: .unmapped, 5: .undefined,
      40: .partly([2047: Array(repeating: 7, count: 512)]),
    ]
    apply(second, to: &wanted)
    _ = try images.write("second.avhdx", second.bytes())

    let layers = try DiskChain.parents(of: images.path("second.avhdx"), within: images.folder)
    #expect(layers.map { ($0.path as NSString).lastPathComponent } == ["base.vhdx", "first.avhdx", "second.avhdx"])
    let chain = try await DiskChain.resolve(layers, within: images.folder)
    #expect(chain.virtualSizeBytes == Int64(size))
    #expect(chain.allocatedBytes ?? 0 > Int64(Self.mebi))
    #expect(chain.allocatedBytes ?? .max < Int64(size))
    #expect(try await ImageCheck.run(chain.layers[2]) == .sound)
    try await expect(chain, wanted, images)

    let earlier = try await DiskChain.resolve(Array(layers.prefix(2)), within: images.folder)
    try FileManager.default.removeItem(atPath: images.path("copy.qcow2"))
    for name in try FileManager.default.contentsOfDirectory(atPath: images.folder) where name.hasPrefix("overlay") {
      try FileManager.default.removeItem(atPath: images.path(name))
    }
    try await expect(earlier, middle, images)
  }

  @Test func sectorsOf4096Bytes() async throws {
    let images = try TestImages()
    let size = 8 * Self.mebi
    var wanted = try await base(images, .vhdx, "base.vhdx", size: size, "subformat=dynamic")
    var child = TestVHDX(size: size, sectorBytes: 4096)
    child.parentLinkage = try TestVHDX.identifier(of: images.path("base.vhdx"))
    child.parentNames = ["relative_path": "base.vhdx"]
    child.blocks = [1: .partly(sectors(8, of: 256, bytes: 4096)), 7: .partly([255: Array(repeating: 9, count: 4096)])]
    apply(child, to: &wanted)
    _ = try images.write("child.avhdx", child.bytes())
    let layers = try DiskChain.parents(of: images.path("child.avhdx"), within: images.folder)
    try await expect(DiskChain.resolve(layers, within: images.folder), wanted, images)
  }

  /// The blocks of a VHD lie at any sector: with 40 of them each of the 32 shifts is used.
  @Test func aChainOfVHD() async throws {
    let images = try TestImages()
    let size = 96 * Self.mebi + 512
    var wanted = try await base(images, .vpc, "base.vhd", size: size, "force_size=on")
    var first = TestVHD(size: size, identifier: TestVHDX.guid(31))
    first.parentIdentifier = try TestVHD.identifier(of: images.path("base.vhd"))
    first.relativeName = ".\\base.vhd"
    first.absoluteName = "C:\\base.vhd"
    for block in 0..<40 { first.blocks[block] = sectors(UInt64(block) + 50, of: 30) }
    first.blocks[48] = [0: Array(repeating: 0x77, count: 512)]
    apply(first, to: &wanted)
    _ = try images.write("first.avhd", first.bytes())
    var second = TestVHD(size: size, blockBytes: 512 << 10, identifier: TestVHDX.guid(32))
    second.parentIdentifier = first.identifier
    second.plainName = "first.avhd"
    second.blocks = [3: sectors(99, of: 1024), 100: [7: Array(repeating: 1, count: 512)]]
    apply(second, to: &wanted)
    _ = try images.write("second.avhd", second.bytes())
    let layers = try DiskChain.parents(of: images.path("second.avhd"), within: images.folder)
    #expect(layers.count == 3)
    let chain = try await DiskChain.resolve(layers, within: images.folder)
    try await expect(chain, wanted, images)
  }

  @Test func overNBDAndWithoutLeavings() async throws {
    let images = try TestImages()
    let size = 4 * Self.mebi
    var wanted = try await base(images, .vhdx, "base.vhdx", size: size, "subformat=dynamic")
    var child = TestVHDX(size: size)
    child.parentLinkage = try TestVHDX.identifier(of: images.path("base.vhdx"))
    child.parentNames = ["relative_path": "base.vhdx"]
    child.blocks = [2: .partly(sectors(8, of: 2048))]
    apply(child, to: &wanted)
    _ = try images.write("child.avhdx", child.bytes())
    let layers = try DiskChain.parents(of: images.path("child.avhdx"), within: images.folder)
    let chain = try await DiskChain.resolve(layers, within: images.folder)
    let raw = try images.write("wanted.raw", wanted)
    try await NBDExport.withExport(of: chain, socket: images.path("nbd/s"), connections: 1) { uri in
      let result = try await Tool.run("qemu-img", ["compare", "-f", "raw", "-F", "raw", uri, raw])
      #expect(result.exitCode == 0, "\(result.standardError)")
    }
    let file = try images.write("there.qcow2.delta1", [1])
    let error = try await ascendError { _ = try await Overlay.create(at: images.path("there.qcow2"), over: chain) }
    #expect(error.code == "disk.indexFailed")
    #expect(error.object?.hasPrefix(file) == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: images.folder).filter { $0.hasSuffix(".index") } == [])
  }

  private func apply(_ delta: TestVHDX, to disk: inout [UInt8]) {
    for (number, block) in delta.blocks {
      let start = number * delta.blockBytes
      let end = min(disk.count, start + delta.blockBytes)
      switch block {
      case .zeros, .unmapped, .undefined: disk.put([UInt8](repeating: 0, count: end - start), at: start)
      case .full(let data): disk.put(Array(data.prefix(end - start)), at: start)
      case .partly(let sectors):
        for (sector, data) in sectors { disk.put(data, at: start + sector * delta.sectorBytes) }
      }
    }
  }

  private func apply(_ delta: TestVHD, to disk: inout [UInt8]) {
    for (number, sectors) in delta.blocks {
      for (sector, data) in sectors { disk.put(data, at: number * delta.blockBytes + sector * 512) }
    }
  }
}
