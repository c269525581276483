import AWSClient

/// A subnet, as planning needs it.
struct Subnet: Hashable, Sendable {
  var id: String
  var vpc: String
  var zone: String
  var cidr: String
  var freeAddresses: Int64
  var isDefault: Bool
  var name: String?
  var state: String

  init?(_ item: XMLElement) {
    guard let id = item.string("subnetId"), let zone = item.string("availabilityZone") else { return nil }
    self.id = id
    self.zone = zone
    vpc = item.string("vpcId") ?? ""
    cidr = item.string("cidrBlock") ?? ""
    freeAddresses = item.int("availableIpAddressCount") ?? 1
    isDefault = item.bool("defaultForAz") ?? false
    name = EC2.tags(of: item)["Name"]
    state = item.string("state") ?? "available"
  }

  /// Why it cannot be chosen, in words.
  var why: String? {
    if state != "available" { return "it is \(state)" }
    return freeAddresses < 1 ? "it has no free address" : nil
  }

  func answers(to text: String) -> Bool { id == text || name == text || cidr == text }
}
