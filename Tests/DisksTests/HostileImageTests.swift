import Foundation
import Support
import Testing

@testable import Disks

/// Images made to read a file of this computer, or to waste it. Each is refused with one error that names the image.
@Suite struct HostileImageTests {
  private func refusal(_ layers: [ImageLayer], _ images: TestImages, within folder: String? = nil) async throws
    -> AscendError
  {
    let before = try images.fingerprint()
    let error = try await ascendError {
      _ = try await DiskChain.resolve(layers, within: folder ?? images.folder)
    }
    #expect(try images.fingerprint() == before)
    #expect(error.object != nil)
    #expect(error.remedy != nil)
    return error
  }

  @Test(arguments: [
    "/etc/passwd", "../../../etc/passwd", "nbd://127.0.0.1:1/x", "json:{\"driver\":\"file\"}", "file:x",
  ])
  func qcowWithABackingFileOutsideTheChain(_ name: String) async throws {
    let images = try TestImages()
    try await images.qemuImg("create", "-q", "-f", "qcow2", "-u", "-b", name, "-F", "raw", images.path("d.qcow2"), "1M")
    let layer = ImageLayer(path: images.path("d.qcow2"), format: .qcow2)
    let alone = try await refusal([layer], images)
    #expect(alone.code == "disk.unexpectedBacking")
    #expect(alone.cause?.contains(name) == true)
    // A base that the backup does have does not make the name right.
    let base = ImageLayer(path: try images.raw("base.raw", size: 1 << 20), format: .raw)
    let above = try await refusal([base, layer], images)
    #expect(above.code == (name.contains(":") ? "disk.unexpectedBacking" : "disk.backingMismatch"))
  }

  @Test func qcowWithADataFile() async throws {
    let images = try TestImages()
    try await images.qemuImg(
      "create", "-q", "-f", "qcow2", "-o", "data_file=\(images.path("data"))", images.path("d.qcow2"), "1M")
    let error = try await refusal([ImageLayer(path: images.path("d.qcow2"), format: .qcow2)], images)
    #expect(error.code == "disk.externalData")
  }

  @Test func qcowThatIsEncrypted() async throws {
    let images = try TestImages()
    // Not `luks`: for it qemu-img measures the processor first, and now and then cannot.
    try await images.qemuImg(
      "create", "-q", "-f", "qcow2", "--object", "secret,id=s,data=words", "-o",
      "encrypt.format=aes,encrypt.key-secret=s", images.path("d.qcow2"), "1M")
    let error = try await refusal([ImageLayer(path: images.path("d.qcow2"), format: .qcow2)], images)
    #expect(error.code == "disk.encrypted")
  }

  @Test(arguments: ["/etc/passwd", "../../../etc/passwd", "sub/x.vmdk", "nbd:127.0.0.1:1", "", "..", "a\u{1}b"])
  func vmdkWithAnExtentElsewhere(_ name: String) async throws {
    let images = try TestImages()
    let text =
      "# Disk DescriptorFile\nversion=1\nparentCID=ffffffff\ncreateType=\"monolithicFlat\"\nRW 1 FLAT \"\(name)\" 0\n"
    let path = try images.write("d.vmdk", text.utf8)
    let error = try await refusal([ImageLayer(path: path, format: .vmdk)], images)
    #expect(["disk.outsideBackup", "disk.malformed"].contains(error.code))
  }

  /// qemu reads an extent across line ends; ours must not be blind to one that is written so.
  @Test func vmdkThatHidesAnExtentAcrossLines() async throws {
    let images = try TestImages()
    let text = "# Disk DescriptorFile\nversion=1\ncreateType=\"monolithicFlat\"\nRW\n1\nFLAT \"/etc/passwd\" 0\n"
    let path = try images.write("d.vmdk", text.utf8)
    let error = try await refusal([ImageLayer(path: path, format: .vmdk)], images)
    #expect(error.code == "disk.malformed")
  }

  @Test func vmdkWhoseExtentIsALinkOutOfTheFolder() async throws {
    let images = try TestImages()
    try FileManager.default.createSymbolicLink(atPath: images.path("x-flat.vmdk"), withDestinationPath: "/etc/passwd")
    let text = "# Disk DescriptorFile\nversion=1\ncreateType=\"monolithicFlat\"\nRW 1 FLAT \"x-flat.vmdk\" 0\n"
    let path = try images.write("d.vmdk", text.utf8)
    let error = try await refusal([ImageLayer(path: path, format: .vmdk)], images)
    #expect(error.code == "disk.outsideBackup")
  }

  /// A sparse header without a size makes qemu take the descriptor inside it for a real one, extents and all.
  @Test func vmdkWhoseHeaderHandsOverToItsDescriptor() async throws {
    let images = try TestImages()
    let layer = try await images.image(.vmdk, from: images.raw("r", size: 1 << 20), name: "d.vmdk")
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: layer.path)))
    bytes.replaceSubrange(12..<20, with: [UInt8](repeating: 0, count: 8))
    _ = try images.write("d.vmdk", bytes)
    let error = try await refusal([layer], images)
    #expect(error.code == "disk.malformed")
  }

  @Test func vmdkWithAParentOutsideTheChain() async throws {
    let images = try TestImages()
    try await images.qemuImg("create", "-q", "-f", "vmdk", images.path("base.vmdk"), "1M")
    try await images.qemuImg(
      "create", "-q", "-f", "vmdk", "-b", images.path("base.vmdk"), "-F", "vmdk", images.path("top.vmdk"))
    let error = try await refusal([ImageLayer(path: images.path("top.vmdk"), format: .vmdk)], images)
    #expect(error.code == "disk.unexpectedBacking")
  }

  @Test func aFlatExtentThatIsTooShort() async throws {
    let images = try TestImages()
    let raw = try images.raw("r", size: 1 << 20)
    let layer = try await images.image(.vmdk, from: raw, name: "d.vmdk", options: "subformat=monolithicFlat")
    #expect(truncate(images.path("d-flat.vmdk"), 4096) == 0)
    #expect(try await refusal([layer], images).code == "disk.truncated")
  }

  @Test func aDiskThatIsALinkOutOfTheFolder() async throws {
    let images = try TestImages()
    try FileManager.default.createSymbolicLink(atPath: images.path("disk.raw"), withDestinationPath: "/etc/passwd")
    let error = try await refusal([ImageLayer(path: images.path("disk.raw"), format: .raw)], images)
    #expect(error.code == "disk.outsideBackup")
  }

  @Test func aDiskThatIsAPipe() async throws {
    let images = try TestImages()
    #expect(mkfifo(images.path("disk.raw"), 0o600) == 0)
    let error = try await refusal([ImageLayer(path: images.path("disk.raw"), format: .raw)], images)
    #expect(error.code == "disk.unreadable")
  }

  @Test func aDiskThatIsMissing() async throws {
    let images = try TestImages()
    let error = try await refusal([ImageLayer(path: images.path("disk.raw"), format: .raw)], images)
    #expect(error.code == "disk.missing")
  }

  @Test(arguments: [ImageFormat.qcow2, .vmdk, .vhdx, .vpc]) func aClaimThatTheContentDenies(_ claim: ImageFormat)
    async throws
  {
    let images = try TestImages()
    let path = try images.raw("disk", size: 1 << 20)
    let error = try await refusal([ImageLayer(path: path, format: claim)], images)
    #expect(error.code == "disk.formatMismatch")
  }

  @Test(arguments: ["luks", "nbd", "parallels", "qcow2\""]) func aFormatThatIsNotRead(_ format: String) async throws {
    let images = try TestImages()
    let layer = ImageLayer(path: try images.raw("disk", size: 1 << 20), format: ImageFormat(rawValue: format))
    #expect(try await refusal([layer], images).code == "disk.unsupportedFormat")
  }

  @Test func aLoop() async throws {
    let images = try TestImages()
    let one = images.path("one.qcow2")
    let two = images.path("two.qcow2")
    try await images.qemuImg("create", "-q", "-f", "qcow2", "-u", "-b", two, "-F", "qcow2", one, "1M")
    try await images.qemuImg("create", "-q", "-f", "qcow2", "-u", "-b", one, "-F", "qcow2", two, "1M")
    let layers = [one, two, one].map { ImageLayer(path: $0, format: .qcow2) }
    #expect(try await refusal(layers, images).code == "disk.unexpectedBacking")
    let base = ImageLayer(path: try images.raw("base", size: 1 << 20), format: .raw)
    #expect(try await refusal([base, base], images).code == "disk.chainLoop")
  }

  @Test func aDiskThatIsTooLarge() async throws {
    let images = try TestImages()
    try await images.qemuImg("create", "-q", "-f", "qcow2", "-o", "cluster_size=2M", images.path("d.qcow2"), "65T")
    let error = try await refusal([ImageLayer(path: images.path("d.qcow2"), format: .qcow2)], images)
    #expect(error.code == "disk.tooLarge")
  }

  /// qemu reads the missing end of a qcow2 or a sparse VMDK as zeros and reports success.
  @Test(arguments: [
    ImageFormatTests.Kind(format: .qcow2), .init(format: .vmdk, options: "subformat=monolithicSparse"),
    .init(format: .vmdk, options: "subformat=streamOptimized"),
    .init(format: .vmdk, options: "subformat=twoGbMaxExtentSparse"), .init(format: .vhdx), .init(format: .vpc),
  ]) func anImageThatIsCutShort(_ kind: ImageFormatTests.Kind) async throws {
    let images = try TestImages()
    let raw = try images.raw("r", size: 8 << 20, runs: 100)
    let layer = try await images.image(kind.format, from: raw, name: "d.img", options: kind.options)
    let several = kind.options?.contains("twoGb") == true
    let data = several ? images.path("d-s001.img") : layer.path
    var status = stat()
    #expect(stat(data, &status) == 0)
    #expect(truncate(data, status.st_size / 2 / 512 * 512) == 0)
    let error = try await refusal([layer], images)
    // A dynamic VHD is closed by its footer, which is gone; VHDX is noticed on opening.
    #expect(["disk.corrupt", "disk.unreadable", "disk.formatMismatch"].contains(error.code))
  }

  @Test func aDifferencingVHD() async throws {
    let images = try TestImages()
    let layer = try await images.image(
      .vpc, from: images.raw("r", size: 1 << 20), name: "d.vhd", options: "subformat=fixed,force_size=on")
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: layer.path)))
    bytes[bytes.count - 512 + 63] = 4
    _ = try images.write("d.vhd", bytes)
    #expect(try await refusal([layer], images).code == "disk.unsupported")
  }

  /// Damaged headers of every format: an answer or one clear error, never a crash or a hang.
  @Test(arguments: [ImageFormat.qcow2, .vmdk, .vpc, .vhdx]) func damagedHeaders(_ format: ImageFormat) async throws {
    let images = try TestImages()
    let layer = try await images.image(format, from: images.raw("r", size: 1 << 20, runs: 1), name: "good")
    let good = [UInt8](try Data(contentsOf: URL(fileURLWithPath: layer.path)).prefix(32768))
    var random = TestRandom(seed: 42)
    for _ in 0..<500 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...12, using: &random) {
        bytes[Int.random(in: 4..<1024, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
      let path = try images.write("bad", bytes)
      do throws(AscendError) {
        let window = try FileWindow(path)
        if try ImageSniffer.matches(window, format) {
          _ = try ImageReferences.read(ImageLayer(path: path, format: format), window, within: images.folder)
        }
      } catch {
        #expect(error.code.rawValue.hasPrefix("disk."))
      }
    }
  }
}
