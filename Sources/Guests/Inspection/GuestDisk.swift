/// One disk image of a machine. The caller has resolved and checked its chain: it is opened as named here.
public struct GuestDisk: Sendable, Hashable {
  /// Absolute path on this computer.
  public var path: String
  /// The image's format in QEMU's words (`qcow2`, `raw` …); never found out by probing, which a guest can deceive.
  public var format: String
  public var readOnly: Bool

  public init(path: String, format: String, readOnly: Bool = true) {
    self.path = path
    self.format = format
    self.readOnly = readOnly
  }
}
