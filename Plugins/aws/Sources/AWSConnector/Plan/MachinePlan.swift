import ConnectorKit
import ConnectorProtocol

/// Everything that later requests need to make the machine: the `state` of a plan, for any process of this connector.
struct MachinePlan: ConnectorPlan, Hashable, Sendable {
  static let currentSchema = "aws-plan/2"

  var schema: String = MachinePlan.currentSchema
  var job: JobID
  var name: String
  var region: String
  var zone: String
  /// `x86_64`, `arm64`.
  var architecture: String
  /// `legacy-bios`, `uefi`.
  var bootMode: String
  var tpm: Bool
  /// The chosen one first, then those to try where there is no capacity.
  var instanceTypes: [String]
  var keyName: String?
  var instanceProfile: String?
  var tenancy: String?
  var hostID: String?
  var kmsKeyID: String?
  /// Plain text.
  var userData: String?
  var disks: [Disk]
  var nics: [NIC]
  var tags: [String: String]
  var keepSnapshots: Bool
  var startAtOnce: Bool
  /// How disks get there.
  var delivery: Settings.Delivery
  /// Of the import delivery.
  var bucket: String?
  /// Windows with Amazon's licence: the image comes of an import of the snapshots.
  var importsImage: Bool
  var costs: Costs

  struct Disk: ConnectorPlanDisk, Codable, Hashable, Sendable {
    var index: Int
    /// What the source has.
    var sizeBytes: Int64
    var gibibytes: Int64
    var allocatedBytes: Int64?
    var boot: Bool
    /// `/dev/sda1`.
    var device: String
    var type: VolumeType
    var iops: Int64?
    var throughput: Int64?
    /// Which machine's which disk it is, over all restores: the value of `Mark.source`.
    var source: String
    var tags: [String: String]

    var effectiveSizeBytes: Int64 { gibibytes * MachineLimits.diskStep }
  }

  struct NIC: Codable, Hashable, Sendable {
    var index: Int
    var subnetID: String
    /// None lets EC2 take the VPC's default group.
    var securityGroupIDs: [String]
    /// The first one is the interface's primary address.
    var addresses: [String]
    var publicAddress: Bool?
  }

  /// In US dollars; what `plan/estimate` answers.
  struct Costs: Codable, Hashable, Sendable {
    /// Nil where the type's price is not known.
    var instanceHour: Double?
    var disksMonth: Double
    var snapshotsMonth: Double
    /// Blocks that are written, or what the bucket holds for a day.
    var restoreOnce: Double
    var source: String
    var isLive: Bool
  }

  /// What the user wishes for on a disk's snapshot and volume: its own go before the machine's.
  func tags(of disk: Disk) -> [String: String] { disk.tags.merging(tags) { own, _ in own } }

  var root: Disk? { disks.first(where: \.boot) }
  var dataDisks: [Disk] { disks.filter { !$0.boot } }
  /// An image of VM Import has the device names that the service has chosen: what is said of disks in RunInstances may
  /// meet one of them. So the service gets the boot disk alone, and the others are attached to the instance.
  var attachesDataDisks: Bool { importsImage }
}
