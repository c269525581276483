public import ConnectorProtocol

/// One image file of a chain, or a member of an archive that holds one.
public struct ImageLayer: Codable, Hashable, Sendable {
  /// The file that holds the image, absolute.
  public var path: String
  /// How the bytes are to be read: never guessed from them.
  public var format: ImageFormat
  /// Where the image starts in the file, in bytes; nil where the file is the image.
  public var offset: Int64?
  /// How many bytes of the file are the image; nil where the file is the image.
  public var length: Int64?
  /// The file through which qemu reads the image, where it cannot do so by itself: a differencing VHD or VHDX.
  public var index: String?

  public init(
    path: String, format: ImageFormat, offset: Int64? = nil, length: Int64? = nil, index: String? = nil
  ) {
    self.path = path
    self.format = format
    self.offset = offset
    self.length = length
    self.index = index
  }

  /// Whether the image is a member of an archive, read in place.
  public var isMember: Bool { offset != nil }

  /// The driver of qemu's that the image is opened with.
  var driver: ImageFormat { index == nil ? format : .qcow2 }
}

/// `raw`, `qcow2`, `vmdk`, `vpc` (VHD) or `vhdx`: the names that qemu's drivers have.
public struct ImageFormat: OpenEnum {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public static let raw: ImageFormat = "raw"
  public static let qcow2: ImageFormat = "qcow2"
  public static let vmdk: ImageFormat = "vmdk"
  public static let vpc: ImageFormat = "vpc"
  public static let vhdx: ImageFormat = "vhdx"

  /// The formats that are read here.
  public static let readable: [ImageFormat] = [.raw, .qcow2, .vmdk, .vpc, .vhdx]
}
