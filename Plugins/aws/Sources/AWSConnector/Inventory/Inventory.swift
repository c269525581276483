import AWSClient
import ConnectorKit
import ConnectorProtocol
import Foundation

/// What there is in the account to map onto.
struct Inventory: Sendable {
  var account: Account

  func list(_ request: InventoryList, now: Date = Date()) async throws -> InventoryList.Result {
    let kind: InventoryKind = try request.known()
    let items = try await Failure.translating("Listing \(kind.rawValue)", outcome: .none) {
      try await self.items(kind, parent: request.parent)
    }
    return try request.result(items, now: now)
  }

  private func items(_ kind: InventoryKind, parent: String?) async throws -> [InventoryList.Item] {
    switch kind {
    case .region:
      let all = [("AllRegions", "true")]
      return try await account.listing("DescribeRegions", in: "regionInfo", all).compactMap(region)
    case .zone:
      return try await account.listing("DescribeAvailabilityZones", in: "availabilityZoneInfo").compactMap(zone)
    case .vpc: return try await account.listing("DescribeVpcs", in: "vpcSet", pageSize: 1000).compactMap(vpc)
    case .network:
      return try await account.subnets().filter { parent == nil || $0.string("vpcId") == parent }.compactMap(subnet)
    case .securityGroup:
      return try await account.securityGroups().filter { parent == nil || $0.string("vpcId") == parent }
        .compactMap(group)
    case .keyPair:
      return try await account.keyPairs().compactMap { pair in
        pair.string("keyName").map {
          InventoryList.Item(
            id: $0, name: $0, attributes: Self.attributes(["id": pair.string("keyPairId")]))
        }
      }
    case .storage: return VolumeType.allCases.map(volumeType)
    case .kmsKey: return try await keys()
    case .instanceProfile: return try await profiles()
    case .instanceType: return try await types(parent)
    }
  }

  static func attributes(_ members: [String: String?]) -> [String: JSONValue] {
    members.compactMapValues { $0.map { .string($0) } }
  }

  /// What people call it: its tag `Name`, with its id.
  static func name(_ item: XMLElement, _ id: String, or other: String? = nil) -> String {
    let name = EC2.tags(of: item)["Name"].flatMap { $0.isEmpty ? nil : $0 } ?? other
    return name.map { "\($0) (\(id))" } ?? id
  }

  private func region(_ item: XMLElement) -> InventoryList.Item? {
    guard let name = item.string("regionName") else { return nil }
    let isOff = item.string("optInStatus") == "not-opted-in"
    let isOther = name != account.settings.region
    return InventoryList.Item(
      id: name, name: name, attributes: ["target": .bool(!isOther)], eligible: !isOff && !isOther,
      why: isOff ? "it is not enabled in this account" : isOther ? "this target is in \(account.settings.region)" : nil)
  }

  private func zone(_ item: XMLElement) -> InventoryList.Item? {
    guard let name = item.string("zoneName") else { return nil }
    let state = item.string("zoneState") ?? "available"
    return InventoryList.Item(
      id: name, name: name,
      attributes: Self.attributes(["id": item.string("zoneId"), "type": item.string("zoneType")]),
      eligible: state == "available", why: state == "available" ? nil : "it is \(state)")
  }

  private func vpc(_ item: XMLElement) -> InventoryList.Item? {
    guard let id = item.string("vpcId") else { return nil }
    var attributes = Self.attributes(["cidr": item.string("cidrBlock")])
    attributes["default"] = .bool(item.bool("isDefault") ?? false)
    return InventoryList.Item(id: id, name: Self.name(item, id), attributes: attributes)
  }

  private func subnet(_ item: XMLElement) -> InventoryList.Item? {
    guard let id = item.string("subnetId") else { return nil }
    var attributes = Self.attributes([
      "cidr": item.string("cidrBlock"), "zone": item.string("availabilityZone"), "vpc": item.string("vpcId"),
    ])
    attributes["default"] = .bool(item.bool("defaultForAz") ?? false)
    attributes["freeAddresses"] = item.int("availableIpAddressCount").map { .integer($0) }
    let why = Subnet(item).flatMap(\.why)
    return InventoryList.Item(
      id: id, name: Self.name(item, id), attributes: attributes, eligible: why == nil, why: why)
  }

  private func group(_ item: XMLElement) -> InventoryList.Item? {
    guard let id = item.string("groupId") else { return nil }
    return InventoryList.Item(
      id: id, name: Self.name(item, id, or: item.string("groupName")),
      attributes: Self.attributes(["vpc": item.string("vpcId"), "description": item.string("groupDescription")]))
  }

  private func volumeType(_ type: VolumeType) -> InventoryList.Item {
    InventoryList.Item(
      id: type.rawValue, name: "\(type.rawValue): \(type.words)",
      attributes: [
        "bootable": .bool(type.isBootable), "minGiB": .integer(type.sizes.lowerBound),
        "maxGiB": .integer(type.sizes.upperBound),
      ])
  }
}
