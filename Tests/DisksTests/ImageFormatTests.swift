import Foundation
import Support
import Testing

@testable import Disks

@Suite struct ImageFormatTests {
  struct Kind: Sendable, CustomTestStringConvertible {
    var format: ImageFormat
    var options: String?
    var testDescription: String { "\(format) \(options ?? "")" }
  }

  static let kinds = [
    Kind(format: .raw), Kind(format: .qcow2), Kind(format: .qcow2, options: "compat=0.10"),
    Kind(format: .vmdk, options: "subformat=monolithicSparse"),
    Kind(format: .vmdk, options: "subformat=streamOptimized"),
    Kind(format: .vmdk, options: "subformat=monolithicFlat"),
    Kind(format: .vmdk, options: "subformat=twoGbMaxExtentSparse"),
    Kind(format: .vmdk, options: "subformat=twoGbMaxExtentFlat"), Kind(format: .vpc, options: "force_size=on"),
    Kind(format: .vpc, options: "subformat=fixed,force_size=on"), Kind(format: .vhdx),
    Kind(format: .vhdx, options: "subformat=fixed"),
  ]

  @Test(arguments: kinds) func everyKindPassesTheGateAndReadsBack(_ kind: Kind) async throws {
    let images = try TestImages()
    let raw = try images.raw("source.raw", size: 8 << 20)
    let layer = try await images.image(kind.format, from: raw, name: "disk", options: kind.options)
    let sniffed = try ImageSniffer.format(of: layer.path)
    #expect(sniffed == (kind.format == .raw ? nil : kind.format))
    let before = try images.fingerprint()
    let chain = try await DiskChain.resolve([layer], within: images.folder)
    #expect(chain.virtualSizeBytes == 8 << 20)
    #expect(try await images.same(chain, images.chain(raw: raw)))
    #expect(try images.fingerprint() == before)
  }

  @Test func anArchivesMemberIsReadInPlace() async throws {
    let images = try TestImages()
    let raw = try images.raw("source.raw", size: 8 << 20)
    let stream = try await images.image(.vmdk, from: raw, name: "disk.vmdk", options: "subformat=streamOptimized")
    var bytes = [UInt8](repeating: 7, count: 1536)
    let member = try Data(contentsOf: URL(fileURLWithPath: stream.path))
    bytes += member
    bytes += [UInt8](repeating: 9, count: 2048)
    let archive = try images.write("archive", bytes)
    let layer = ImageLayer(path: archive, format: .vmdk, offset: 1536, length: Int64(member.count))
    let chain = try await DiskChain.resolve([layer], within: images.folder)
    #expect(try await images.same(chain, images.chain(raw: raw)))
    let plain = ImageLayer(path: archive, format: .raw, offset: 1536, length: Int64(member.count))
    #expect(try await DiskChain.resolve([plain], within: images.folder).virtualSizeBytes == Int64(member.count))
  }

  @Test func rawStaysRawWhateverTheGuestWrote() async throws {
    let images = try TestImages()
    try await images.qemuImg("create", "-q", "-f", "qcow2", images.path("inner.qcow2"), "64M")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: images.path("inner.qcow2")))
    let layer = ImageLayer(path: images.path("inner.qcow2"), format: .raw)
    let chain = try await DiskChain.resolve([layer], within: images.folder)
    #expect(chain.virtualSizeBytes == Int64((bytes.count + 511) / 512 * 512))
  }

  @Test func theChainsNameHasEveryDriverExplicit() {
    let chain = DiskChain(
      layers: [
        ImageLayer(path: "/b/disk \"1\".ova", format: .vmdk, offset: 512, length: 700),
        ImageLayer(path: "/b/top.qcow2", format: .qcow2),
      ], virtualSizeBytes: 0)
    let expected = #"""
      json:{"backing":{"backing":null,"driver":"vmdk","file":{"driver":"raw","file":{"driver":"file",\#
      "filename":"/b/disk \"1\".ova"},"offset":512,"size":1024}},"driver":"qcow2","file":{"driver":"file",\#
      "filename":"/b/top.qcow2"}}
      """#
    #expect(chain.blockdevJSON() == expected)
  }

  @Test func aChainReadsAsItsTop() async throws {
    let images = try TestImages()
    let raw = try images.raw("base.raw", size: 4 << 20)
    let base = try await images.image(.qcow2, from: raw, name: "base.qcow2")
    try await images.qemuImg(
      "create", "-q", "-f", "qcow2", "-b", "base.qcow2", "-F", "qcow2", images.path("top.qcow2"), "4M")
    _ = try await Tool.output(
      "qemu-io", ["-f", "qcow2", "-c", "write -P 77 1M 64k", "-c", "write -z 0 64k", images.path("top.qcow2")])
    let layers = [base, ImageLayer(path: images.path("top.qcow2"), format: .qcow2)]
    let chain = try await DiskChain.resolve(layers, within: images.folder)
    #expect(try await !images.same(chain, images.chain(raw: raw)))
    try await images.qemuImg("convert", "-O", "raw", images.path("top.qcow2"), images.path("expected.raw"))
    #expect(try await images.same(chain, images.chain(raw: images.path("expected.raw"))))
  }

  @Test func aVMDKChainIsFollowed() async throws {
    let images = try TestImages()
    let raw = try images.raw("base.raw", size: 4 << 20)
    let base = try await images.image(.vmdk, from: raw, name: "base.vmdk")
    try await images.qemuImg(
      "create", "-q", "-f", "vmdk", "-b", base.path, "-F", "vmdk", images.path("top.vmdk"))
    let layers = [base, ImageLayer(path: images.path("top.vmdk"), format: .vmdk)]
    let chain = try await DiskChain.resolve(layers, within: images.folder)
    #expect(try await images.same(chain, images.chain(raw: raw)))
  }
}
