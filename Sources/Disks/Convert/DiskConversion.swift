public import Support

/// Writes a disk as an image file, for a target that can take nothing else.
public enum DiskConversion {
  /// Converts `chain` to a file at `path`, sparse where the format allows it.
  ///
  /// The file is written in a folder beside it and moved into place when it is whole: a failed, cancelled or crashed
  /// conversion never leaves half an image at `path`, and a cancelled one is over at once. A stream-optimized VMDK is
  /// made by the SDK's encoder, everything else by qemu-img; where that fails, by way of a raw image.
  ///
  /// - Parameters:
  ///   - sizeBytes: A larger size of the disk in the image, for a target that wants whole MiB; zeros are added.
  ///   - path: Where the image is wanted; nothing may be there yet.
  ///   - progress: Gets how far it is.
  ///   - log: Gets a sentence where the best way did not lead there and another one is tried.
  /// - Throws: `disk.unsupportedFormat`, `disk.tooLarge`, `disk.conversionExists`, `disk.noSpace`,
  ///   `disk.conversionFailed`, `cancelled`.
  public static func convert(
    _ chain: DiskChain, to kind: ImageKind, sizeBytes: Int64? = nil, at path: String,
    progress: @escaping @Sendable (ConversionProgress) -> Void = { _ in },
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws(AscendError) {
    try await Converter(chain: chain, kind: kind, sizeBytes: sizeBytes, path: path, progress: progress, log: log).run()
  }
}
