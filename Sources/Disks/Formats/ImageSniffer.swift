public import Support

/// Tells an image's format from its own magic numbers, never by a tool that acts on what it finds.
public enum ImageSniffer {
  /// The format of the image in `path`, or nil where it has none of the known magic numbers and so can only be `raw`.
  ///
  /// - Throws: `disk.unreadable`, `disk.truncated`.
  public static func format(of path: String, offset: Int64? = nil, length: Int64? = nil) throws(AscendError)
    -> ImageFormat?
  {
    try format(of: FileWindow(path, offset: offset, length: length))
  }

  static func format(of window: FileWindow) throws(AscendError) -> ImageFormat? {
    if let format = format(of: try window.read(at: 0, count: 32)) { return format }
    // A VHD of fixed size has its only magic number at its end, after whatever the guest wrote.
    return try VHDFooter.isPresent(in: window) ? .vpc : nil
  }

  /// The format of an image that begins with `head`, at least 32 bytes of it.
  public static func format(of head: [UInt8]) -> ImageFormat? {
    if head.starts(with: QcowHeader.magic) { return .qcow2 }
    if head.starts(with: "KDMV") || head.starts(with: "COWD") || SESparseHeader.isPresent(in: head) { return .vmdk }
    if head.starts(with: VMDKDescriptor.firstLine) { return .vmdk }
    if head.starts(with: "vhdxfile") { return .vhdx }
    return head.starts(with: "conectix") ? .vpc : nil
  }

  /// Whether the image can be of the format it is claimed to be. Anything can be raw.
  static func matches(_ window: FileWindow, _ claimed: ImageFormat) throws(AscendError) -> Bool {
    switch claimed {
    case .raw: true
    case .vpc: try VHDFooter.isPresent(in: window)
    default: try format(of: window) == claimed
    }
  }
}
