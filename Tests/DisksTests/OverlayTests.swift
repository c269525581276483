import Foundation
import Support
import Testing

@testable import Disks

@Suite struct OverlayTests {
  @Test func readsAsTheBackupAndLeavesItAlone() async throws {
    let images = try TestImages()
    let raw = try images.raw("r", size: 4 << 20)
    let layer = try await images.image(.vmdk, from: raw, name: "d.vmdk", options: "subformat=streamOptimized")
    let chain = try await DiskChain.resolve([layer], within: images.folder)
    let before = try images.fingerprint()
    let overlay = try await Overlay.create(at: images.path("o.qcow2"), over: chain)
    #expect(overlay.virtualSizeBytes == 4 << 20)
    #expect(try await images.same(overlay, chain))
    _ = try await Tool.output("qemu-io", ["-f", "qcow2", "-c", "write -P 9 0 1M", images.path("o.qcow2")])
    #expect(try await !images.same(overlay, chain))
    var after = try images.fingerprint()
    after["o.qcow2"] = nil
    #expect(after == before)
    // By its path alone, as an appliance opens it, the overlay reads the same.
    let alone = try await images.qemuImg("info", "--output=json", "-f", "qcow2", images.path("o.qcow2"))
    #expect(String(decoding: alone, as: UTF8.self).contains("\"backing-filename-format\": \"vmdk\""))
  }

  @Test func roundsItsSizeUp() async throws {
    let images = try TestImages()
    let chain = try images.chain(raw: images.raw("r", size: 1_000_100))
    #expect(try await Overlay.create(at: images.path("a"), over: chain).virtualSizeBytes == 1_000_448)
    let larger = try await Overlay.create(at: images.path("b"), over: chain, sizeBytes: 2 << 20)
    #expect(larger.virtualSizeBytes == 2 << 20)
    let error = try await ascendError { try await Overlay.create(at: images.path("c"), over: chain, sizeBytes: 512) }
    #expect(error.code == "disk.shrink")
  }

  @Test func neverOverwrites() async throws {
    let images = try TestImages()
    let chain = try images.chain(raw: images.raw("r", size: 1 << 20))
    _ = try images.write("o", "precious".utf8)
    let error = try await ascendError { try await Overlay.create(at: images.path("o"), over: chain) }
    #expect(error.code == "disk.overlayExists")
    #expect(try String(contentsOfFile: images.path("o"), encoding: .utf8) == "precious")
  }

  @Test func leavesNothingWhenItFails() async throws {
    let images = try TestImages()
    let chain = DiskChain(
      layers: [ImageLayer(path: images.path("gone"), format: .raw)], virtualSizeBytes: 1 << 20)
    let error = try await ascendError { try await Overlay.create(at: images.path("o"), over: chain) }
    #expect(error.code == "disk.overlayFailed")
    #expect(try images.fingerprint().isEmpty)
  }

  /// The name of a long chain does not fit into one header.
  @Test func standsOnALongChain() async throws {
    let images = try TestImages()
    let folder = images.path(String(repeating: "x", count: 150))
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    let raw = try images.raw("r", size: 2 << 20)
    try FileManager.default.copyItem(atPath: raw, toPath: folder + "/base")
    var layers = [ImageLayer(path: folder + "/base", format: .raw)]
    for index in 0..<11 {
      let path = folder + "/layer\(index)"
      try await images.qemuImg(
        "create", "-q", "-f", "qcow2", "-b", layers[index].path, "-F", layers[index].format.rawValue, path)
      _ = try await Tool.output("qemu-io", ["-f", "qcow2", "-c", "write -P \(index) \(index * 64)k 64k", path])
      layers.append(ImageLayer(path: path, format: .qcow2))
    }
    let chain = try await DiskChain.resolve(layers, within: images.folder)
    let overlay = try await Overlay.create(at: images.path("o.qcow2"), over: chain)
    #expect(try images.fingerprint()["o.qcow2.base1"] != nil)
    #expect(try await images.same(overlay, chain))
    try await images.qemuImg("convert", "-f", "qcow2", "-O", "raw", images.path("o.qcow2"), images.path("flat"))
    #expect(try await images.same(images.chain(raw: images.path("flat")), chain))
  }

  @Test(.enabled(if: geteuid() == 0, "a small file system can be mounted by root only"))
  func saysWhenThereIsNoRoom() async throws {
    let images = try TestImages()
    let chain = try images.chain(raw: images.raw("r", size: 2 << 20))
    let small = images.path("small")
    try FileManager.default.createDirectory(atPath: small, withIntermediateDirectories: false)
    guard try await Tool.run("mount", ["-t", "tmpfs", "-o", "size=64k", "none", small]).exitCode == 0 else { return }
    var errors: [AscendError] = []
    do { try await Overlay.create(at: small + "/o", over: chain) } catch { errors.append(error) }
    do { try await DiskConversion.convert(chain, to: .raw, at: small + "/c") } catch { errors.append(error) }
    let left = try FileManager.default.contentsOfDirectory(atPath: small)
    _ = try await Tool.run("umount", [small])
    #expect(errors.count == 2)
    for error in errors {
      #expect(error.code == "disk.noSpace")
      #expect(error.object?.hasPrefix(small) == true)
      #expect(error.cause?.contains("bytes are free") == true)
    }
    #expect(left.isEmpty)
  }
}
