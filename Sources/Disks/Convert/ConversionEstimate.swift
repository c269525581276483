import Foundation
public import Support

/// What a conversion will take, as far as it can be known before it: from the disk's allocation, not its content.
public struct ConversionEstimate: Hashable, Sendable {
  /// The room that the image will take, about: data is taken to lie together, and to come to half where it is
  /// compressed. A disk of many small files takes more in formats with large blocks.
  public var imageBytes: Int64
  /// What is free where it is to be.
  public var freeBytes: Int64
  /// On a computer of two cores that does nothing else, about.
  public var seconds: Double

  /// - Parameter path: Where the image will be.
  /// - Throws: `disk.unreadable`, `disk.spaceUnknown`, `tool.timeout`, `cancelled`.
  public static func of(_ chain: DiskChain, as kind: ImageKind, at path: String) async throws(AscendError)
    -> ConversionEstimate
  {
    var allocated = chain.allocatedBytes
    if allocated == nil { allocated = try await AllocationMap.allocatedBytes(of: chain) }
    let data = allocated ?? chain.virtualSizeBytes
    var stored = stored(data, kind, chain.virtualSizeBytes)
    if kind.format == .qcow2 { stored = try await measured(chain, kind) ?? stored }
    return ConversionEstimate(
      imageBytes: kind.isCompressed ? stored - data / 2 : stored,
      freeBytes: try DiskSpace.free(at: path), seconds: 0.1 + Double(data) / bytesPerSecond(kind))
  }

  /// What a format stores for so many bytes: them, and its tables.
  private static func stored(_ data: Int64, _ kind: ImageKind, _ size: Int64) -> Int64 {
    switch (kind.format, kind.subformat) {
    // Whole blocks of 2 MiB, a bitmap for each; those of VHDX are larger, and zeros in them are holes.
    case (.vpc, "dynamic"?), (.vpc, nil): min(data + data / 64, size) + size / (2 << 20) * 4 + (4 << 10)
    case (.vhdx, _): data + size / (1 << 20) * 8 + (8 << 20)
    // Two tables of 4 bytes for each grain of 64 KiB; a stream has one, and names its grains.
    case (.vmdk, "monolithicFlat"?): data + (1 << 10)
    case (.vmdk, _): data + data / 64 + size / (64 << 10) * 8 + (128 << 10)
    case (.qcow2, _): data + size / (64 << 10) * 10 + (512 << 10)
    default: data
    }
  }

  /// What qemu-img says of the formats that it can measure; nil where it does not.
  private static func measured(_ chain: DiskChain, _ kind: ImageKind) async throws(AscendError) -> Int64? {
    let readable = try await ReadableChain(chain)
    defer { readable.remove() }
    let result = try await Tool.run(
      "qemu-img",
      ["measure", "--output=json", "-O", kind.format.rawValue]
        + (kind.options.isEmpty ? [] : ["-o", kind.options.joined(separator: ",")]) + [readable.chain.blockdevJSON()],
      limits: ToolLimits(wallSeconds: 300))
    struct Answer: Decodable { var required: Int64 }
    guard result.exitCode == 0 else { return nil }
    return try? JSONDecoder().decode(Answer.self, from: result.standardOutput).required
  }

  /// Of data, by two cores of 2023.
  private static func bytesPerSecond(_ kind: ImageKind) -> Double {
    switch (kind.subformat, kind.compression) {
    case ("streamOptimized"?, _): 250e6
    case (_, "zlib"?): 70e6
    case (_, .some): 400e6
    case ("monolithicSparse"?, _): 500e6
    default: 600e6
    }
  }
}
