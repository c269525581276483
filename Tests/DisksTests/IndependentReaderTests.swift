import ConnectorProtocol
import ConnectorTesting
import Foundation
import Support
import Testing

@testable import Disks

/// What is written here, read by programs of somebody else's who do not share a line with qemu: libvhdi, libvmdk and
/// libqcow, made for forensics.
@Suite(.enabled(if: OtherReader.isThere, "needs python3-libvhdi, python3-libvmdk and python3-libqcow"))
struct IndependentReaderTests {
  private static let kinds: [ImageKind] = [
    .vmdkStream, .vmdkSparse, .vmdkFlat, .vhdDynamic, .vhdFixed, .vhdxDynamic, .vhdxFixed, .qcow2,
    ImageKind(.qcow2, compression: "zlib"),
  ]

  @Test(arguments: kinds) func othersReadTheSame(_ kind: ImageKind) async throws {
    let images = try TestImages()
    let size = 9 << 20
    let raw = try images.raw("r", size: size, runs: 9)
    // They look for a VMDK's data under the name that its descriptor gives.
    let path = images.path("disk.\(kind.format == .vmdk ? "vmdk" : "img")")
    try await DiskConversion.convert(images.chain(raw: raw), to: kind, at: path)
    let read = try await OtherReader.read(kind.format, [path])
    #expect(read == "\(size) \(SHA256.hex(try Data(contentsOf: URL(fileURLWithPath: raw))))", "\(kind.name)")
  }

  /// The differencing images that the tests write themselves: they agree with somebody else's idea of the format.
  @Test func differencingImages() async throws {
    let images = try TestImages()
    let size = 4 << 20
    let raw = try images.raw("r", size: size)
    var wanted = [UInt8](try Data(contentsOf: URL(fileURLWithPath: raw)))
    // libvhdi (20210425) looks at the bitmap of sectors by whole bytes: eight sectors that belong together.
    let patch = [UInt8](repeating: 0x5a, count: 512)
    for sector in 8..<16 { wanted.replaceSubrange(sector * 512..<(sector + 1) * 512, with: patch) }
    _ = try await images.image(.vpc, from: raw, name: "base.vhd", options: "force_size=on")
    var child = TestVHD(size: size, identifier: TestVHDX.guid(31))
    child.parentIdentifier = try TestVHD.identifier(of: images.path("base.vhd"))
    child.relativeName = ".\\base.vhd"
    child.plainName = "base.vhd"
    child.blocks[0] = Dictionary(uniqueKeysWithValues: (8..<16).map { ($0, patch) })
    _ = try images.write("child.vhd", child.bytes())
    let read = try await OtherReader.read(.vpc, [images.path("base.vhd"), images.path("child.vhd")])
    #expect(read == "\(size) \(SHA256.hex(Data(wanted)))")
  }
}

/// Python's bindings of the libraries: they need no file system to be mounted.
enum OtherReader {
  static let isThere =
    (try? run(["-c", "import pyvhdi, pyvmdk, pyqcow"])) == 0

  private static func run(_ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process.waitForEnd()
  }

  private static let program = """
    import hashlib, sys
    kind, paths = sys.argv[1], sys.argv[2:]
    below, kept = None, []
    for path in paths:
        if kind in ("vpc", "vhdx"):
            import pyvhdi
            image = pyvhdi.file()
            image.open(path)
            if below:
                image.set_parent(below)
        elif kind == "vmdk":
            import pyvmdk
            image = pyvmdk.handle()
            image.open(path)
            image.open_extent_data_files()
        else:
            import pyqcow
            image = pyqcow.file()
            image.open(path)
        below = image
        # The library does not keep a parent alive by itself.
        kept.append(image)
    size, digest, done = image.get_media_size(), hashlib.sha256(), 0
    while done < size:
        block = image.read_buffer(min(1 << 20, size - done))
        if not block:
            sys.exit("it ends at %d" % done)
        digest.update(block)
        done += len(block)
    print(size, digest.hexdigest())
    """

  /// The disk's size and the SHA-256 of its content, as the library sees them; base first.
  static func read(_ format: ImageFormat, _ paths: [String]) async throws -> String {
    let output = try await Tool.output("/usr/bin/python3", ["-c", program, format.rawValue] + paths)
    return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
