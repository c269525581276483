public import ConnectorProtocol
import Foundation
public import Support

/// The first sectors of a disk, where its partition table is.
public struct DiskStart: Sendable {
  /// The master boot record and a GPT of 128 entries; fewer where the disk is smaller.
  public let bytes: [UInt8]

  private static let wanted = 34 * 512
  private static let seconds = 60.0

  public init(bytes: [UInt8]) { self.bytes = bytes }

  /// - Throws: `disk.unreadable`, `tool.…`, `cancelled`.
  public static func read(_ chain: DiskChain) async throws(AscendError) -> DiskStart {
    let readable = try await ReadableChain(chain)
    defer { readable.remove() }
    let file = NSTemporaryDirectory() + "ascend-start-" + UUID().uuidString
    defer { unlink(file) }
    let result = try await Tool.run(
      "qemu-img", ["dd", "-O", "raw", "bs=512", "count=34", "if=\(readable.chain.blockdevJSON())", "of=\(file)"],
      limits: ToolLimits(addressSpaceBytes: 8 << 30, openFiles: 256, wallSeconds: seconds))
    guard result.exitCode == 0 else {
      throw AscendError(
        "disk.unreadable", "The start of the disk cannot be read", object: chain.layers.last?.path,
        cause: QemuMessage.reason(result), remedy: "Take the image from another copy of the backup")
    }
    return DiskStart(bytes: try FileWindow(file).read(at: 0, count: wanted))
  }

  /// The firmware that the disk can start with; nil where it does not tell. A disk made for both is taken for `bios`
  /// where it has a partition for a BIOS boot loader, which nobody makes by accident.
  public var firmware: FirmwareType? {
    guard bytes.count >= 512, bytes[510] == 0x55, bytes[511] == 0xaa else { return nil }
    let types = (0..<4).map { bytes[446 + 16 * $0 + 4] }
    if types.contains(0xee) { return gptFirmware }
    if types.contains(0xef) { return .uefi }
    let hasCode = bytes[..<440].contains { $0 != 0 }
    return hasCode ? .bios : nil
  }

  private static let systemPartition: [UInt8] = [
    0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11, 0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b,
  ]
  private static let biosPartition: [UInt8] = Array("Hah!IdontNeedEFI".utf8)

  private var gptFirmware: FirmwareType? {
    guard bytes.count > 1024, bytes[512...].starts(with: "EFI PART".utf8) else { return nil }
    let entries = stride(from: 1024, to: bytes.count - 127, by: 128).map { Array(bytes[$0..<($0 + 16)]) }
    if entries.contains(Self.biosPartition) { return .bios }
    return entries.contains(Self.systemPartition) ? .uefi : nil
  }
}
