import ConnectorKit
import ConnectorProtocol

/// The network interfaces that a machine can have, in order of preference.
enum NICKind: String, NICModelKind, Codable, Sendable {
  case vmxnet3
  case e1000e
  case e1000

  static let maxCount = 10

  /// The class of the API.
  var type: String {
    switch self {
    case .vmxnet3: "VirtualVmxnet3"
    case .e1000e: "VirtualE1000e"
    case .e1000: "VirtualE1000"
    }
  }

  var capability: CapabilityDocument.NICModel {
    CapabilityDocument.NICModel(model: rawValue, max: Self.maxCount)
  }
}
