import ConnectorProtocol

/// A format with everything that tells one image of it from another: what a conversion is to make.
public struct ImageKind: Hashable, Sendable {
  public var format: ImageFormat
  /// The format's own word, `streamOptimized`, `fixed`, `dynamic`; nil for its usual kind.
  public var subformat: String?
  /// `zlib` or `zstd`, for a qcow2 whose clusters are compressed.
  public var compression: String?
  /// Further options of the format, `adapter_type=lsilogic`.
  public var options: [String]

  public init(
    _ format: ImageFormat, subformat: String? = nil, compression: String? = nil, options: [String] = []
  ) {
    self.format = format
    self.subformat = subformat
    self.compression = compression
    self.options = options
  }

  public static let raw = ImageKind(.raw)
  public static let qcow2 = ImageKind(.qcow2)
  public static let vhdFixed = ImageKind(.vpc, subformat: "fixed")
  public static let vhdDynamic = ImageKind(.vpc, subformat: "dynamic")
  public static let vhdxFixed = ImageKind(.vhdx, subformat: "fixed")
  public static let vhdxDynamic = ImageKind(.vhdx, subformat: "dynamic")
  public static let vmdkSparse = ImageKind(.vmdk, subformat: "monolithicSparse")
  public static let vmdkFlat = ImageKind(.vmdk, subformat: "monolithicFlat")
  public static let vmdkStream = ImageKind(.vmdk, subformat: "streamOptimized")

  /// `vmdk streamOptimized`.
  public var name: String {
    [format.rawValue, subformat, compression].compactMap(\.self).joined(separator: " ")
  }

  var isCompressed: Bool { compression != nil || subformat == "streamOptimized" }

  /// The largest disk that fits; nil where the largest one that is read does.
  var largestDisk: Int64? {
    switch format {
    case .vpc: 2040 << 30
    case .vhdx: 64 << 40
    default: nil
    }
  }
}
