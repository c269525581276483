public import ConnectorProtocol

/// What somebody says of a backup when it is added: which machine, and what the backup itself does not say.
///
/// Kept with the backup, so that it is read in the same way when it is verified.
public struct ReadOptions: Codable, Hashable, Sendable {
  /// Which of several machines.
  public var machine: String?
  /// Which of the deployment configurations that an OVF descriptor has; nil for its default.
  public var configuration: String?
  /// Further disks of a machine that is nothing but disks, after the one that was named; absolute.
  public var disks: [String]?
  /// What describes the machine of disks that lie on a platform: a platform's own JSON, or a folder with it; absolute.
  public var description: String?
  public var cpus: Int?
  public var memoryBytes: Int64?
  public var firmware: FirmwareType?
  /// The guest system: `windows`, `linux`, or a platform's own name of it.
  public var guest: String?
  /// Which disk starts the machine, by its place, where the backup does not say.
  public var bootDisk: Int?
  /// The network interfaces, where the backup does not say.
  public var nics: [MachineDescription.NIC]?

  public init(
    machine: String? = nil, disks: [String]? = nil, cpus: Int? = nil, memoryBytes: Int64? = nil,
    firmware: FirmwareType? = nil, guest: String? = nil, bootDisk: Int? = nil, nics: [MachineDescription.NIC]? = nil,
    configuration: String? = nil, description: String? = nil
  ) {
    self.machine = machine
    self.disks = disks
    self.cpus = cpus
    self.memoryBytes = memoryBytes
    self.firmware = firmware
    self.guest = guest
    self.bootDisk = bootDisk
    self.nics = nics
    self.configuration = configuration
    self.description = description
  }
}
