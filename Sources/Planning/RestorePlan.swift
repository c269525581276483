public import ConnectorProtocol

/// What a restore will do: shown before it starts, kept with the job, and followed to the letter.
///
/// Sizes are bytes, times seconds. Schema: `protocol/v1/schema/plan.schema.json`.
public struct RestorePlan: Codable, Hashable, Sendable {
  public static let currentSchema = "plan/1"

  public var schema: String
  public var backup: BackupReference
  public var target: TargetReference
  /// The name that the machine will have on the target.
  public var machineName: String
  public var cpuCount: Int
  public var memoryBytes: Int64
  public var hardware: Hardware
  /// What the machine can be moved to once it runs; nil where emulated hardware was not asked for, or is the best.
  public var promotable: Promotable?
  public var disks: [PlannedDisk]
  public var preparation: Preparation
  /// Where what will be made differs from what the backup holds or the operator asked for.
  public var adjustments: [PlanPreflight.Adjustment]
  /// What the connector would make on the platform; known after the preflight.
  public var resources: [Resource]
  /// Blockers first.
  public var diagnostics: [Diagnostic] {
    didSet { blocked = diagnostics.contains { $0.severity == .blocker } }
  }
  /// True where a blocker is among the diagnostics.
  public private(set) var blocked: Bool
  public var estimate: Estimate
  /// What the operator chose of the target's inventory.
  public var mapping: Mapping
  /// Whether a boot on this hardware can be tried here before anything is sent; nil where nobody asked.
  public var bootProof: BootOutlook?
  /// What was found inside the guest; nil where nobody looked.
  public var guest: GuestFacts?
  /// The connector's own plan; nil before the preflight.
  public var connectorPlan: PlanPreflight.Plan?

  public var isBlocked: Bool { blocked }

  public init(
    backup: BackupReference, target: TargetReference, machineName: String, cpuCount: Int, memoryBytes: Int64,
    hardware: Hardware, disks: [PlannedDisk], preparation: Preparation,
    adjustments: [PlanPreflight.Adjustment] = [], resources: [Resource] = [], diagnostics: [Diagnostic] = [],
    estimate: Estimate, mapping: Mapping = Mapping(), connectorPlan: PlanPreflight.Plan? = nil
  ) {
    self.schema = Self.currentSchema
    self.backup = backup
    self.target = target
    self.machineName = machineName
    self.cpuCount = cpuCount
    self.memoryBytes = memoryBytes
    self.hardware = hardware
    self.disks = disks
    self.preparation = preparation
    self.adjustments = adjustments
    self.resources = resources
    self.diagnostics = diagnostics
    self.blocked = diagnostics.contains { $0.severity == .blocker }
    self.estimate = estimate
    self.mapping = mapping
    self.connectorPlan = connectorPlan
  }

  public struct BackupReference: Codable, Hashable, Sendable {
    public var id: String
    public var name: String
    /// The platform it was taken on: `unknown` where the backup does not say.
    public var platform: String

    public init(id: String, name: String, platform: String) {
      self.id = id
      self.name = name
      self.platform = platform
    }
  }

  public struct TargetReference: Codable, Hashable, Sendable {
    public var name: String
    public var platform: String

    public init(name: String, platform: String) {
      self.name = name
      self.platform = platform
    }
  }

  /// A disk and the way its bytes take.
  public struct PlannedDisk: Codable, Hashable, Sendable {
    public var index: Int
    public var name: String
    public var boot: Bool
    /// What the guest sees today.
    public var sizeBytes: Int64
    /// What it will see there: `sizeBytes`, made larger where the platform's rounding asks for it.
    public var effectiveSizeBytes: Int64
    /// Bytes that hold data; nil where only reading would tell.
    public var allocatedBytes: Int64?
    /// Why the platform takes the disk or not, in the connector's words; nil before the preflight.
    public var verdict: PlanPreflight.DiskVerdict?
    public var path: PathChoice

    public init(
      index: Int, name: String, boot: Bool, sizeBytes: Int64, effectiveSizeBytes: Int64, allocatedBytes: Int64?,
      verdict: PlanPreflight.DiskVerdict? = nil, path: PathChoice
    ) {
      self.index = index
      self.name = name
      self.boot = boot
      self.sizeBytes = sizeBytes
      self.effectiveSizeBytes = effectiveSizeBytes
      self.allocatedBytes = allocatedBytes
      self.verdict = verdict
      self.path = path
    }
  }

  /// What will be done inside the guest before its disks are moved.
  public struct Preparation: Codable, Hashable, Sendable {
    /// `auto` or `never`: what the operator asked for.
    public var mode: PreparationMode
    /// True where the guest will be changed (in the overlay, never in the backup).
    public var planned: Bool
    /// The needs that apply to this guest with this hardware.
    public var needs: [DriverNeed]
    public var reason: String

    public init(mode: PreparationMode, planned: Bool, needs: [DriverNeed], reason: String) {
      self.mode = mode
      self.planned = planned
      self.needs = needs
      self.reason = reason
    }
  }

  /// Whether the guest's start on the planned hardware can be proven on this computer.
  public struct BootOutlook: Codable, Hashable, Sendable {
    public var provable: Bool
    /// The hardware that it would be tried on, or why that proves nothing here.
    public var reason: String

    public init(provable: Bool, reason: String) {
      self.provable = provable
      self.reason = reason
    }
  }

  public struct Estimate: Codable, Hashable, Sendable {
    public var secondsLow: Double
    public var secondsHigh: Double
    /// Bytes that go to the platform.
    public var bytesToMove: Int64
    /// Space that is needed beside the backup while the job runs.
    public var stagingBytes: Int64
    /// What the connector says it costs.
    public var cost: PlanEstimate.Result?

    public init(
      secondsLow: Double, secondsHigh: Double, bytesToMove: Int64, stagingBytes: Int64,
      cost: PlanEstimate.Result? = nil
    ) {
      self.secondsLow = secondsLow
      self.secondsHigh = secondsHigh
      self.bytesToMove = bytesToMove
      self.stagingBytes = stagingBytes
      self.cost = cost
    }
  }
}

/// Whether guests are changed so that they start on the new platform.
public enum PreparationMode: String, Codable, Hashable, Sendable, CaseIterable {
  /// Where the guest needs it and Ascend knows how.
  case auto
  /// The disks go as they are.
  case never
}
