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
  /// The edition in its vendor's words: `ServerStandard`, `workstation`.
  public var edition: String?
  /// Every kind of firmware that the disks can start with.
  public var possibleFirmware: [FirmwareType]?
  /// What the disks are managed with beside partitions: `lvm`, `raid`, `dynamic-disks`, `storage-spaces`, `zfs`.
  public var volumeManagers: [String]?
  /// True where the system is shut down by hibernating its kernel (Windows' fast start-up).
  public var fastStartup: Bool?
  /// The names of the operating systems found, where there are several.
  public var systems: [String]?
  /// Files that can still be made, by mount point, where the filesystem has a fixed number of them.
  public var freeInodes: [String: Int64]?
  /// Filesystems that could not be looked into; the restore moves them all the same.
  public var unreadable: [Unreadable]?
  /// Agents of platforms and tools: `vmware-tools`, `qemu-guest-agent`, `cloud-init`, `amazon-ssm-agent` …
  public var agents: [String]?
  /// What may keep a changed system from starting, or new drivers from being installed: `group-policy`,
  /// `device-installation-policy`, `antivirus: NAME`.
  public var safeguards: [String]?
  /// Encrypted volumes that could not be looked into, for want of a key.
  public var lockedVolumes: [LockedVolume]?
  /// What the system waits for at its start, and none of the disks holds.
  public var missingMounts: [MissingMount]?
  /// What else is worth knowing, for people.
  public var notes: [String]?

  public init(
    understood: Bool, reason: String? = nil, family: String? = nil, distribution: String? = nil,
    version: String? = nil, productName: String? = nil, architecture: String? = nil, hostname: String? = nil,
    firmware: FirmwareType? = nil, bootDisk: Int? = nil, kernels: [Kernel] = [],
    preparable: Bool? = nil, partitionTable: String? = nil, encryption: [String]? = nil, hibernated: Bool? = nil,
    systemCount: Int? = nil, bootLoader: String? = nil, initramfsTool: String? = nil,
    freeBytes: [String: Int64]? = nil, interfaces: [Interface]? = nil, release: String? = nil, build: Int? = nil,
    drivers: [String]? = nil, edition: String? = nil, possibleFirmware: [FirmwareType]? = nil,
    volumeManagers: [String]? = nil, fastStartup: Bool? = nil, systems: [String]? = nil,
    freeInodes: [String: Int64]? = nil, unreadable: [Unreadable]? = nil, agents: [String]? = nil,
    safeguards: [String]? = nil, notes: [String]? = nil, lockedVolumes: [LockedVolume]? = nil,
    missingMounts: [MissingMount]? = nil
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
    self.edition = edition
    self.possibleFirmware = possibleFirmware
    self.volumeManagers = volumeManagers
    self.fastStartup = fastStartup
    self.systems = systems
    self.freeInodes = freeInodes
    self.unreadable = unreadable
    self.agents = agents
    self.safeguards = safeguards
    self.notes = notes
    self.lockedVolumes = lockedVolumes
    self.missingMounts = missingMounts
  }

  /// A filesystem or swap space in the guest's table whose device is on none of the disks.
  public struct MissingMount: Codable, Hashable, Sendable {
    /// Where it would be mounted; `none` or `swap` for swap space.
    public var path: String
    /// As the table names it: `UUID=…`, `/dev/sdc1`.
    public var device: String

    public init(path: String, device: String) {
      self.path = path
      self.device = device
    }
  }

  /// An encrypted volume that no key was given for.
  public struct LockedVolume: Codable, Hashable, Sendable {
    /// As the host numbers them: `/dev/sda` is the first disk.
    public var device: String
    /// `luks`, `bitlocker`
    public var type: String
    /// In its header, where it has one.
    public var uuid: String?

    public init(device: String, type: String, uuid: String? = nil) {
      self.device = device
      self.type = type
      self.uuid = uuid
    }
  }

  /// A filesystem that could not be looked into.
  public struct Unreadable: Codable, Hashable, Sendable {
    /// As the host numbers them: `/dev/sda` is the first disk.
    public var device: String
    /// `xfs`, `ReFS` …
    public var type: String
    public var reason: String

    public init(device: String, type: String, reason: String) {
      self.device = device
      self.type = type
      self.reason = reason
    }
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
    public var gateway: String?
    public var nameServers: [String]?
    /// `ifupdown`, `netplan`, `networkmanager`, `networkd`, `ifcfg`, `wicked`, `registry`: whose configuration it is.
    public var source: String

    public init(
      name: String, method: String? = nil, addresses: [String] = [], mac: String? = nil, gateway: String? = nil,
      nameServers: [String]? = nil, source: String
    ) {
      self.name = name
      self.method = method
      self.addresses = addresses
      self.mac = mac
      self.gateway = gateway
      self.nameServers = nameServers
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
    /// The kernel's own file: `/boot/vmlinuz-6.1.0-13-amd64`.
    public var image: String?
    /// Why its initramfs could not be read, if so: `drivers` then has only what is built into the kernel.
    public var unreadable: String?
    /// The unified kernel image that it starts from, where it has no initramfs of its own: `EFI/Linux/arch-linux.efi`.
    public var unified: String?
    /// Whether the boot loader starts it when nobody chooses; nil where that was not looked at.
    public var startsByDefault: Bool?

    public init(
      version: String, initramfs: String? = nil, drivers: [String] = [], modules: [String]? = nil,
      image: String? = nil, unreadable: String? = nil, unified: String? = nil, startsByDefault: Bool? = nil
    ) {
      self.version = version
      self.initramfs = initramfs
      self.drivers = drivers
      self.modules = modules
      self.image = image
      self.unreadable = unreadable
      self.unified = unified
      self.startsByDefault = startsByDefault
    }
  }
}
