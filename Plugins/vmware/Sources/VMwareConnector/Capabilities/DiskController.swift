import ConnectorKit
import ConnectorProtocol

/// The disk controllers that a machine can have, in order of preference.
enum DiskController: String, ControllerKind, Codable, Sendable {
  case pvscsi
  case nvme
  case lsiSAS = "lsi-sas"
  case sata
  case lsiLogic = "lsi-logic"
  case ide

  /// The class of the API.
  var type: String {
    switch self {
    case .pvscsi: "ParaVirtualSCSIController"
    case .nvme: "VirtualNVMEController"
    case .lsiSAS: "VirtualLsiLogicSASController"
    case .sata: "VirtualAHCIController"
    case .lsiLogic: "VirtualLsiLogicController"
    case .ide: "VirtualIDEController"
    }
  }

  var isSCSI: Bool { [.pvscsi, .lsiSAS, .lsiLogic].contains(self) }

  /// Places for disks on one controller. SCSI unit 7 is the controller itself.
  var units: [Int] {
    switch self {
    case .pvscsi, .lsiSAS, .lsiLogic: Array(0...15).filter { $0 != 7 }
    case .nvme: Array(0..<15)
    case .sata: Array(0..<30)
    case .ide: [0, 1]
    }
  }

  /// Controllers of a kind that one machine can have; those of SCSI share four buses.
  var most: Int { self == .ide ? 2 : 4 }

  var maxDisks: Int { units.count * most }

  /// What the server has used for this class since the hardware version that first had it.
  var leastVersion: Int {
    switch self {
    case .nvme: 13
    case .sata: 10
    case .pvscsi, .lsiSAS: 7
    case .lsiLogic, .ide: 4
    }
  }

  /// IDE is for machines from before UEFI.
  var firmware: [FirmwareType] { self == .ide ? [.bios] : [.bios, .uefi] }

  var capability: CapabilityDocument.Controller {
    CapabilityDocument.Controller(id: rawValue, bus: rawValue, maxDisks: maxDisks, bootable: true, firmware: firmware)
  }
}
