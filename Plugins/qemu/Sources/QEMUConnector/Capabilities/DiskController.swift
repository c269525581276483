import ConnectorKit
import ConnectorProtocol

/// The disk controllers that a machine can have, in order of preference.
enum DiskController: String, ControllerKind, Codable, Sendable {
  case virtioBlk = "virtio-blk"
  case virtioSCSI = "virtio-scsi"
  case nvme
  case sata
  case ide

  var maxDisks: Int {
    switch self {
    case .virtioBlk, .nvme: 16
    case .virtioSCSI: 64
    case .sata: 6
    case .ide: 4
    }
  }

  /// IDE stands for machines from before UEFI, and its mainboard is theirs.
  var firmware: [FirmwareType] { self == .ide ? [.bios] : [.bios, .uefi] }

  var capability: CapabilityDocument.Controller {
    CapabilityDocument.Controller(id: rawValue, bus: rawValue, maxDisks: maxDisks, bootable: true, firmware: firmware)
  }
}
