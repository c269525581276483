/// `plan/preflight`: could this machine be made here, and how? Has no effect on the platform.
///
/// The host has chosen the form in which each disk comes, the controller and the NIC model; the connector says whether
/// it will do, what it would adjust, and which resources it would make.
public struct PlanPreflight: ConnectorRequest {
  public static let method = "plan/preflight"

  public var job: JobID
  /// The name that the machine shall have on the platform.
  public var name: String
  public var machine: MachineDescription
  public var guest: GuestFacts?
  public var disks: [PlannedDisk]
  public var hardware: Hardware
  public var mapping: Mapping
  /// Members of the capability document's `target` schema.
  public var options: JSONValue

  public init(
    job: JobID, name: String, machine: MachineDescription, guest: GuestFacts? = nil, disks: [PlannedDisk],
    hardware: Hardware, mapping: Mapping = Mapping(), options: JSONValue = [:]
  ) {
    self.job = job
    self.name = name
    self.machine = machine
    self.guest = guest
    self.disks = disks
    self.hardware = hardware
    self.mapping = mapping
    self.options = options
  }

  /// A disk and the form in which it will come: one of the capability document's, and one of that form's accesses.
  public struct PlannedDisk: Codable, Hashable, Sendable {
    public var index: Int
    public var sizeBytes: Int64
    /// Bytes that hold data: what will be moved. Nil where not known before reading.
    public var allocatedBytes: Int64?
    public var format: String
    public var subformat: String?
    public var access: String
    public var boot: Bool

    public init(
      index: Int, sizeBytes: Int64, allocatedBytes: Int64? = nil, format: String, subformat: String? = nil,
      access: String, boot: Bool
    ) {
      self.index = index
      self.sizeBytes = sizeBytes
      self.allocatedBytes = allocatedBytes
      self.format = format
      self.subformat = subformat
      self.access = access
      self.boot = boot
    }
  }

  public struct Result: Codable, Hashable, Sendable {
    public var plan: Plan
    public var disks: [DiskVerdict]
    /// Where what will be made differs from what was asked for.
    public var adjustments: [Adjustment]
    /// What would be made.
    public var resources: [Resource]
    /// A blocker among them means that the plan cannot be carried out.
    public var diagnostics: [Diagnostic]

    public init(
      plan: Plan, disks: [DiskVerdict], adjustments: [Adjustment] = [], resources: [Resource] = [],
      diagnostics: [Diagnostic] = []
    ) {
      self.plan = plan
      self.disks = disks
      self.adjustments = adjustments
      self.resources = resources
      self.diagnostics = diagnostics
    }
  }

  /// The connector's own plan: given back with every later request, so that a new process can carry it out.
  public struct Plan: Codable, Hashable, Sendable {
    public var id: String
    /// SHA-256, hexadecimal, of the canonical `state`.
    public var digest: String
    /// The connector's, opaque to the host; never a secret.
    public var state: JSONValue

    public init(id: String, digest: String, state: JSONValue) {
      self.id = id
      self.digest = digest
      self.state = state
    }
  }

  public struct DiskVerdict: Codable, Hashable, Sendable {
    public var index: Int
    public var accepted: Bool
    /// The size that the disk will have there.
    public var effectiveSizeBytes: Int64
    public var why: String?

    public init(index: Int, accepted: Bool, effectiveSizeBytes: Int64, why: String? = nil) {
      self.index = index
      self.accepted = accepted
      self.effectiveSizeBytes = effectiveSizeBytes
      self.why = why
    }
  }

  public struct Adjustment: Codable, Hashable, Sendable {
    /// JSON Pointer into the parameters.
    public var at: String
    public var from: String
    public var to: String
    public var why: String

    public init(at: String, from: String, to: String, why: String) {
      self.at = at
      self.from = from
      self.to = to
      self.why = why
    }
  }
}
