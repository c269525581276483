import ConnectorKit
import ConnectorProtocol
import Foundation

/// Everything that later requests need to make the machine: the `state` of a plan, and what the machine's folder keeps.
///
/// It names no path but the folder, so a plan is carried out by any process of this connector on this computer.
struct MachinePlan: ConnectorPlan, Hashable, Sendable {
  static let currentSchema = "qemu-plan/1"

  var schema: String = MachinePlan.currentSchema
  var job: JobID
  /// The machine's name, and that of its folder.
  var name: String
  /// The folder of all machines, absolute and without symbolic links.
  var folder: String
  var uuid: String
  var cpu: MachineDescription.CPU
  var memoryBytes: Int64
  var firmware: FirmwareType
  var secureBoot: Bool
  var board: Board
  var clock: Clock
  var disks: [Disk]
  var nics: [NIC]
  var notes: String?
  var tags: [String: String]

  /// QEMU's mainboards: `q35` has PCI Express and AHCI, `pc` has the old IDE controller.
  enum Board: String, Codable, Sendable {
    case q35, pc
  }

  /// What the guest takes the hardware clock for: Windows expects local time.
  enum Clock: String, Codable, Sendable {
    case utc, localtime
  }

  struct Disk: ConnectorPlanDisk, Codable, Hashable, Sendable {
    var index: Int
    var sizeBytes: Int64
    var allocatedBytes: Int64?
    /// `raw` or `qcow2`.
    var format: String
    /// `nbd` or `file`.
    var access: String
    var controller: DiskController
    var boot: Bool

    var fileName: String { "disk\(index).\(format)" }
    /// While its bytes arrive.
    var partName: String { fileName + ".part" }

    var effectiveSizeBytes: Int64 { sizeBytes }
  }

  struct NIC: Codable, Hashable, Sendable {
    var index: Int
    var model: NICKind
    var mac: String
    /// `user` or `none`: the inventory's networks.
    var network: String
  }

  /// The disks in the order in which the firmware tries them.
  var bootOrder: [Int] {
    disks.filter(\.boot).map(\.index) + disks.filter { !$0.boot }.map(\.index)
  }
}
