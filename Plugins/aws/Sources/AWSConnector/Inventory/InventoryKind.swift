/// What can be listed to map onto.
enum InventoryKind: String, CaseIterable, Sendable {
  case region
  case zone
  case vpc
  /// Subnets: what a network interface is connected to.
  case network
  case securityGroup
  case keyPair
  /// Volume types: what a disk is stored on.
  case storage
  case kmsKey
  case instanceProfile
  /// Of a zone: they are more than a thousand.
  case instanceType

  var parent: String? { self == .instanceType ? Self.zone.rawValue : nil }

  /// The member of the target's form that it fills.
  var fills: String? {
    switch self {
    case .region, .zone, .vpc: nil
    case .network: "subnetId"
    case .securityGroup: "securityGroupIds"
    case .keyPair: "keyName"
    case .storage: "volumeType"
    case .kmsKey: "kmsKeyId"
    case .instanceProfile: "instanceProfile"
    case .instanceType: "instanceType"
    }
  }
}
