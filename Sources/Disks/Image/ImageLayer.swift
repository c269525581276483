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
  /// The file through which qemu reads the image, where it cannot do so by itself: a differencing VHD or VHDX, an image
  /// in several pieces or one that is compressed as a whole.
  public var index: String?
  /// The pieces that the image's file was cut into, the first one included; nil where it is whole.
  public var pieces: [FilePiece]?
  /// How the image's file is compressed, as a whole; nil where it is not.
  public var compression: FileCompression?
  /// The format of the image that is all of this image's content; nil where the content is the disk.
  public var inner: ImageFormat?
  /// Where the image is offered, which then lies in no file: `path` is what names it. Nil for a file.
  public var remote: RemoteImage?

  public init(
    path: String, format: ImageFormat, offset: Int64? = nil, length: Int64? = nil, index: String? = nil,
    pieces: [FilePiece]? = nil, compression: FileCompression? = nil, inner: ImageFormat? = nil
  ) {
    self.path = path
    self.format = format
    self.offset = offset
    self.length = length
    self.index = index
    self.pieces = pieces
    self.compression = compression
    self.inner = inner
  }

  /// Whether the image is a member of an archive, read in place.
  public var isMember: Bool { offset != nil }

  /// Whether the image's file has to be put together or unpacked before it is an image.
  var isAssembled: Bool { pieces != nil || compression != nil }

  /// The driver of qemu's that the image is opened with.
  var driver: ImageFormat { inner ?? (index == nil || isAssembled ? format : .qcow2) }
}

/// A piece of a file that was cut up, or of one in an archive.
public struct FilePiece: Codable, Hashable, Sendable {
  public var path: String
  /// Where it starts in the file at `path`, in bytes; a multiple of 512.
  public var offset: Int64
  public var length: Int64

  public init(path: String, offset: Int64 = 0, length: Int64) {
    self.path = path
    self.offset = offset
    self.length = length
  }
}

/// How a file is compressed as a whole.
public struct FileCompression: Codable, Hashable, Sendable {
  /// `gzip`.
  public var method: String
  /// More than this it must not become: what the backup says of the disk, with room for the image's tables.
  public var mostBytes: Int64?

  public init(method: String = "gzip", mostBytes: Int64? = nil) {
    self.method = method
    self.mostBytes = mostBytes
  }
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
