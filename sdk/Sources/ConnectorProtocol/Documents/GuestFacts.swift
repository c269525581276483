/// What the host found inside the guest by looking at its disks, read-only.
///
/// A field that is nil was not found; `understood` false means that the guest was looked at and not recognised, and
/// `reason` says why.
public struct GuestFacts: Codable, Hashable, Sendable {
  public var understood: Bool
  public var reason: String?
  /// `linux`, `windows` …
  public var family: String?
  public var distribution: String?
  /// The distribution's or system's own version, `12.5`, `10.0`.
  public var version: String?
  public var productName: String?
  public var architecture: String?
  public var hostname: String?
  /// Which firmware the disks can really boot with.
  public var firmware: FirmwareType?
  /// Index of the disk the machine boots from.
  public var bootDisk: Int?
  public var kernels: [Kernel]
  /// True where the host knows how to put drivers into this guest; nil where that was not looked at.
  public var preparable: Bool?

  public init(
    understood: Bool, reason: String? = nil, family: String? = nil, distribution: String? = nil,
    version: String? = nil, productName: String? = nil, architecture: String? = nil, hostname: String? = nil,
    firmware: FirmwareType? = nil, bootDisk: Int? = nil, kernels: [Kernel] = [],
    preparable: Bool? = nil
  ) {
    self.understood = understood
    self.reason = reason
    self.family = family
    self.distribution = distribution
    self.version = version
    self.productName = productName
    self.architecture = architecture
    self.hostname = hostname
    self.firmware = firmware
    self.bootDisk = bootDisk
    self.kernels = kernels
    self.preparable = preparable
  }

  /// An installed kernel and the modules found in its initramfs.
  public struct Kernel: Codable, Hashable, Sendable {
    public var version: String
    public var initramfs: String?
    /// Driver modules in the initramfs or built into the kernel, of those that were asked for.
    public var drivers: [String]

    public init(version: String, initramfs: String? = nil, drivers: [String] = []) {
      self.version = version
      self.initramfs = initramfs
      self.drivers = drivers
    }
  }
}
