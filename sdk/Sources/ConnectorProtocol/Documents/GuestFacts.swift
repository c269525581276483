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
  /// `gpt` or `mbr`: how the disk that the machine boots from is divided.
  public var partitionTable: String?
  /// Kinds of encryption found on the disks: `luks`, `bitlocker`.
  public var encryption: [String]?
  /// True where the guest was suspended to its disk: its filesystems must not be changed.
  public var hibernated: Bool?
  /// Operating systems found on the disks.
  public var systemCount: Int?
  /// `grub2`, `bls`, `systemd-boot`, `grub-legacy` …
  public var bootLoader: String?
  /// What makes the guest's initramfs: `initramfs-tools`, `dracut`, `mkinitcpio`, `mkinitfs`.
  public var initramfsTool: String?
  /// Bytes free for files, by mount point.
  public var freeBytes: [String: Int64]?
  /// Network interfaces as the guest's own configuration names them.
  public var interfaces: [Interface]?
  /// The system's release in its vendor's words, where its version does not tell: `Windows Server 2022`.
  public var release: String?
  /// The build of the system: 20348.
  public var build: Int?
  /// Of a guest without kernels of its own to list (Windows): the drivers that it has, of those that were asked for,
  /// whether they start with the system or not.
  public var drivers: [String]?

  public init(
    understood: Bool, reason: String? = nil, family: String? = nil, distribution: String? = nil,
    version: String? = nil, productName: String? = nil, architecture: String? = nil, hostname: String? = nil,
    firmware: FirmwareType? = nil, bootDisk: Int? = nil, kernels: [Kernel] = [],
    preparable: Bool? = nil, partitionTable: String? = nil, encryption: [String]? = nil, hibernated: Bool? = nil,
    systemCount: Int? = nil, bootLoader: String? = nil, initramfsTool: String? = nil,
    freeBytes: [String: Int64]? = nil, interfaces: [Interface]? = nil, release: String? = nil, build: Int? = nil,
    drivers: [String]? = nil
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
    self.partitionTable = partitionTable
    self.encryption = encryption
    self.hibernated = hibernated
    self.systemCount = systemCount
    self.bootLoader = bootLoader
    self.initramfsTool = initramfsTool
    self.freeBytes = freeBytes
    self.interfaces = interfaces
    self.release = release
    self.build = build
    self.drivers = drivers
  }

  /// A network interface in the guest's configuration.
  public struct Interface: Codable, Hashable, Sendable {
    /// `ens192`
    public var name: String
    /// `dhcp`, `static`, or what else the configuration says.
    public var method: String?
    /// In CIDR form where the configuration has the prefix.
    public var addresses: [String]
    /// The hardware address that the configuration is tied to.
    public var mac: String?
    /// `ifupdown`, `netplan`, `networkmanager`, `networkd`, `ifcfg`, `wicked`: whose configuration it is.
    public var source: String

    public init(
      name: String, method: String? = nil, addresses: [String] = [], mac: String? = nil, source: String
    ) {
      self.name = name
      self.method = method
      self.addresses = addresses
      self.mac = mac
      self.source = source
    }
  }

  /// An installed kernel and the modules found in its initramfs.
  public struct Kernel: Codable, Hashable, Sendable {
    public var version: String
    public var initramfs: String?
    /// Driver modules in the initramfs or built into the kernel, of those that were asked for.
    public var drivers: [String]
    /// Driver modules on the root disk or built into the kernel, of those that were asked for: what could be added.
    public var modules: [String]?

    public init(version: String, initramfs: String? = nil, drivers: [String] = [], modules: [String]? = nil) {
      self.version = version
      self.initramfs = initramfs
      self.drivers = drivers
      self.modules = modules
    }
  }
}
