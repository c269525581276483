import ConnectorKit
import ConnectorProtocol

/// The network interfaces that a machine can have, in order of preference; the raw value is QEMU's device name.
enum NICKind: String, NICModelKind, Codable, Sendable {
  case virtio = "virtio-net-pci"
  case e1000e
  case e1000

  static let maxCount = 8

  /// libvirt's name.
  var domainModel: String { self == .virtio ? "virtio" : rawValue }

  var capability: CapabilityDocument.NICModel {
    CapabilityDocument.NICModel(model: rawValue, max: Self.maxCount)
  }
}
