import ConnectorKit
import ConnectorProtocol

/// Everything that later requests need to make the machine: the `state` of a plan, for any process of this connector.
struct MachinePlan: ConnectorPlan, Hashable, Sendable {
  static let currentSchema = "vmware-plan/1"

  var schema: String = MachinePlan.currentSchema
  var job: JobID
  var name: String
  var delivery: Settings.Delivery
  /// Nil for an OVA.
  var placement: Placement?
  /// The folder that OVAs go into, absolute; nil otherwise.
  var exportFolder: String?
  /// The datastore of the machine's own files.
  var datastore: String?
  /// The SMBIOS UUID; nil lets the server make one.
  var uuid: String?
  var guestID: String
  /// `vmx-19`; nil takes the cluster's default.
  var hardwareVersion: String?
  var cpuCount: Int
  var coresPerSocket: Int
  var memoryBytes: Int64
  var firmware: FirmwareType
  var secureBoot: Bool
  var tpm: Bool
  /// Windows looks for disks by their UUIDs.
  var isWindows: Bool
  var storagePolicy: String?
  var disks: [Disk]
  var nics: [NIC]
  var notes: String?
  var tags: [String: String]

  struct Disk: ConnectorPlanDisk, Codable, Hashable, Sendable {
    var index: Int
    /// As the server will have it: a multiple of KiB.
    var sizeBytes: Int64
    var allocatedBytes: Int64?
    var controller: DiskController
    /// Among those of its bus: the four SCSI controllers count together.
    var bus: Int
    var unit: Int
    var boot: Bool
    var datastore: String?
    var provisioning: Settings.Provisioning

    var effectiveSizeBytes: Int64 { sizeBytes }
  }

  struct NIC: Codable, Hashable, Sendable {
    var index: Int
    var kind: NICKind
    /// Nil lets the server make one.
    var mac: String?
    var connected: Bool
    var backing: Backing
    /// As people know it, for messages and descriptors.
    var network: String
  }

  /// What a network interface is connected to.
  enum Backing: Codable, Hashable, Sendable {
    /// Nothing that a server would know: an OVA names its networks.
    case named
    case standard(String)
    case distributed(switchUUID: String, portgroup: String)
    case opaque(id: String, type: String)
  }

  /// True where a network interface shall have an address of its own.
  var keepsMACs: Bool { nics.contains { $0.mac != nil } }

  /// The disk that comes with the machine itself: the first one.
  var leader: Int? { disks.first?.index }
}
