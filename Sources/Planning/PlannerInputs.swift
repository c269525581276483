public import ConnectorProtocol

/// All that a plan is made from.
public struct PlannerInputs: Sendable {
  public var backup: RestorePlan.BackupReference
  public var target: RestorePlan.TargetReference
  /// The name it shall have; nil for the one it had.
  public var machineName: String?
  public var machine: MachineDescription
  /// Nil where the guest was not looked at.
  public var guest: GuestFacts?
  /// By disk, in the order of `machine.disks`.
  public var disks: [Disk]
  /// As narrowed for the endpoint.
  public var document: CapabilityDocument
  public var mapping: Mapping
  public var preparation: PreparationMode
  /// Drivers that the guest would need and that cannot be had.
  public var unavailableDrivers: Set<String>
  public var hardware: HardwarePolicy
  /// Space that the job's folder can take.
  public var freeStagingBytes: Int64
  public var throughput: Throughput
  public var rules: RuleSet

  public init(
    backup: RestorePlan.BackupReference, target: RestorePlan.TargetReference, machineName: String? = nil,
    machine: MachineDescription, guest: GuestFacts? = nil, disks: [Disk], document: CapabilityDocument,
    mapping: Mapping = Mapping(), preparation: PreparationMode = .auto, unavailableDrivers: Set<String> = [],
    hardware: HardwarePolicy = .preferred, freeStagingBytes: Int64, throughput: Throughput = .measured,
    rules: RuleSet = .standard
  ) {
    self.backup = backup
    self.target = target
    self.machineName = machineName
    self.machine = machine
    self.guest = guest
    self.disks = disks
    self.document = document
    self.mapping = mapping
    self.preparation = preparation
    self.unavailableDrivers = unavailableDrivers
    self.hardware = hardware
    self.freeStagingBytes = freeStagingBytes
    self.throughput = throughput
    self.rules = rules
  }

  /// A disk of the backup.
  public struct Disk: Hashable, Sendable {
    public var index: Int
    /// Of the chain's images, base first.
    public var formats: [String]
    public var virtualSizeBytes: Int64
    public var allocatedBytes: Int64?

    public init(index: Int, formats: [String], virtualSizeBytes: Int64, allocatedBytes: Int64? = nil) {
      self.index = index
      self.formats = formats
      self.virtualSizeBytes = virtualSizeBytes
      self.allocatedBytes = allocatedBytes
    }
  }
}
