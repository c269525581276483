public import ConnectorProtocol
public import Foundation
import GRDB
public import Guests
public import Planning
public import Support

/// One restore: its state, its plan and what came of it.
public struct RestoreJob: StoredRecord {
  public static let databaseTableName = "restore_jobs"

  public var id: String
  public var backupJobID: String
  public var targetID: String
  public var sourcePlatform: String
  public var targetPlatform: String
  public var restoreType: String
  public var status: Status
  public var targetConfig: JSONValue
  public var options: RestoreOptions
  public var plan: RestorePlan?
  public var progressPercent: Double
  public var bytesDone: Int64
  public var bytesTotal: Int64
  public var estimatedCompletion: Date?
  public var errorMessage: String?
  public var error: AscendError?
  public var targetVMID: String?
  public var targetVMName: String?
  public var cancelRequested: Bool
  public var attempt: Int
  public var createdAt: Date
  public var startedAt: Date?
  public var completedAt: Date?
  /// Bytes per second that the transfers of the job may read; they follow a change while they run.
  public var bandwidthLimit: Int64?
  /// Connections that each of its transfers may read over at once.
  public var connectionLimit: Int?
  /// What the machine's disks and network interfaces are attached by since that was changed; nil where it is as planned.
  public var hardware: MachineHardware?

  /// What they are attached by now, as far as Ascend knows; nil before there is a plan.
  public var presentHardware: MachineHardware? { hardware ?? plan?.hardware.devices }

  public var jobID: JobID { JobID(id) }

  /// `pending` → `converting` → `uploading` → `creating` → `completed`, or `failed`, `cancelled`, `rolled_back`.
  public enum Status: String, Codable, Sendable, CaseIterable {
    case pending, converting, uploading, creating, completed, failed, cancelled
    case rolledBack = "rolled_back"

    public var isFinal: Bool {
      switch self {
      case .completed, .failed, .cancelled, .rolledBack: true
      case .pending, .converting, .uploading, .creating: false
      }
    }
  }

  enum CodingKeys: String, CodingKey {
    case id, status, options, plan, error, attempt, hardware
    case backupJobID = "backup_job_id"
    case targetID = "target_id"
    case sourcePlatform = "source_platform"
    case targetPlatform = "target_platform"
    case restoreType = "restore_type"
    case targetConfig = "target_config"
    case progressPercent = "progress_percent"
    case bytesDone = "bytes_done"
    case bytesTotal = "bytes_total"
    case estimatedCompletion = "estimated_completion"
    case errorMessage = "error_message"
    case targetVMID = "target_vm_id"
    case targetVMName = "target_vm_name"
    case cancelRequested = "cancel_requested"
    case createdAt = "created_at"
    case startedAt = "started_at"
    case completedAt = "completed_at"
    case bandwidthLimit = "bandwidth_limit"
    case connectionLimit = "connection_limit"
  }
}

/// What the operator asked of a restore.
public struct RestoreOptions: Codable, Hashable, Sendable {
  /// The machine's name on the target; the backup's where none is given.
  public var name: String?
  public var mapping: Mapping
  public var prepare: PreparationMode
  public var start: Bool
  /// Leave what was made where it is when the restore fails, so that it can be retried from there.
  public var keepOnFailure: Bool
  /// Boot the prepared guest on the target's hardware before anything is sent, and go on only if it starts or that
  /// cannot be told here.
  public var bootProof: Bool
  /// The operator's own preflight rules.
  public var rules: [Rule]
  /// How far the content of the disks is compared; `streamed` where nothing is said.
  public var verifyDisks: DiskVerification?
  /// The restore point of the backup; nil for its newest.
  public var point: String?
  /// Scripts to run in a Linux guest before it moves, and in any guest at its first start; packages for it to install
  /// there.
  public var runScripts: [String]?
  public var firstBootScripts: [String]?
  public var packages: [String]?
  /// Absolute paths of folders and ISO images with drivers for guests that bring none along.
  public var drivers: [String]?
  /// Which of the platform's hardware the machine gets; `preferred` where nothing is said.
  public var hardware: HardwarePolicy?
  /// Where the keys of the guest's encrypted disks are; never the keys.
  public var keys: [DiskKeyReference]?
  /// How drivers reach a Linux guest's initramfs; appended where nothing is said.
  public var initramfs: InitramfsMethod?
  /// Remove other platforms' agents from a Linux guest, and not only switch them off.
  public var removesAgents: Bool?

  public init(
    name: String? = nil, mapping: Mapping = Mapping(), prepare: PreparationMode = .auto, start: Bool = true,
    keepOnFailure: Bool = false, bootProof: Bool = false, rules: [Rule] = [], verifyDisks: DiskVerification? = nil,
    point: String? = nil, drivers: [String]? = nil
  ) {
    self.name = name
    self.mapping = mapping
    self.prepare = prepare
    self.start = start
    self.keepOnFailure = keepOnFailure
    self.bootProof = bootProof
    self.rules = rules
    self.verifyDisks = verifyDisks
    self.point = point
    self.drivers = drivers
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decodeIfPresent(String.self, forKey: .name)
    mapping = try container.decode(Mapping.self, forKey: .mapping)
    prepare = try container.decode(PreparationMode.self, forKey: .prepare)
    start = try container.decode(Bool.self, forKey: .start)
    keepOnFailure = try container.decode(Bool.self, forKey: .keepOnFailure)
    // Jobs of earlier versions do not say.
    bootProof = try container.decodeIfPresent(Bool.self, forKey: .bootProof) ?? false
    rules = try container.decodeIfPresent([Rule].self, forKey: .rules) ?? []
    verifyDisks = try container.decodeIfPresent(DiskVerification.self, forKey: .verifyDisks)
    point = try container.decodeIfPresent(String.self, forKey: .point)
    runScripts = try container.decodeIfPresent([String].self, forKey: .runScripts)
    firstBootScripts = try container.decodeIfPresent([String].self, forKey: .firstBootScripts)
    packages = try container.decodeIfPresent([String].self, forKey: .packages)
    drivers = try container.decodeIfPresent([String].self, forKey: .drivers)
    hardware = try container.decodeIfPresent(HardwarePolicy.self, forKey: .hardware)
    initramfs = try container.decodeIfPresent(InitramfsMethod.self, forKey: .initramfs)
    removesAgents = try container.decodeIfPresent(Bool.self, forKey: .removesAgents)
    keys = try container.decodeIfPresent([DiskKeyReference].self, forKey: .keys)
  }
}
