import AWSClient
import ConnectorProtocol

extension Inventory {
  /// Aliases of KMS keys: keys without one are named by their id or ARN.
  func keys() async throws -> [InventoryList.Item] {
    var items: [InventoryList.Item] = []
    var marker: String?
    repeat {
      var body: [String: JSONValue] = ["Limit": 100]
      body["Marker"] = marker.map { .string($0) }
      let answer = try await account.api.json("kms", target: "TrentService.ListAliases", body: .object(body))
      for alias in answer["Aliases"]?.arrayValue ?? [] {
        guard let name = alias["AliasName"]?.stringValue, alias["TargetKeyId"] != nil else { continue }
        items.append(
          InventoryList.Item(
            id: name, name: name, attributes: Self.attributes(["key": alias["TargetKeyId"]?.stringValue])))
      }
      marker = answer["Truncated"]?.boolValue == true ? answer["NextMarker"]?.stringValue : nil
    } while marker != nil && items.count < 10_000
    return items
  }

  func profiles() async throws -> [InventoryList.Item] {
    var items: [InventoryList.Item] = []
    var marker: String?
    repeat {
      let answer = try await account.api.query(
        "iam", "ListInstanceProfiles", version: "2010-05-08", marker.map { [("Marker", $0)] } ?? [], retry: .standard)
      let result = answer["ListInstanceProfilesResult"]
      for member in result?["InstanceProfiles"]?.all("member") ?? [] {
        guard let name = member.string("InstanceProfileName") else { continue }
        let hasRole = !(member["Roles"]?.all("member") ?? []).isEmpty
        items.append(
          InventoryList.Item(
            id: name, name: name, attributes: Self.attributes(["arn": member.string("Arn")]), eligible: hasRole,
            why: hasRole ? nil : "it has no role"))
      }
      marker = result?.bool("IsTruncated") == true ? result?.string("Marker") : nil
    } while marker != nil && items.count < 10_000
    return items
  }

  /// The types that a zone has; those of the region where none is given.
  func types(_ zone: String?) async throws -> [InventoryList.Item] {
    let offered = zone == nil ? nil : try await account.offered(in: zone ?? "")
    return try await account.types().sorted { $0.name < $1.name }.compactMap { type in
      if let offered, !offered.contains(type.name) { return nil }
      var attributes: [String: JSONValue] = [
        "vcpus": .integer(Int64(type.vcpus)), "memoryMiB": .integer(type.memoryMiB),
        "architectures": .array(type.architectures.sorted().map { .string($0) }),
        "bootModes": .array(type.bootModes.sorted().map { .string($0) }), "tpm": .bool(type.hasTPM),
        "networkInterfaces": .integer(Int64(type.networkInterfaces)),
      ]
      if account.settings.region == PriceTable.region {
        attributes["hourUSD"] = PriceTable.hour(type.name).map { .number($0) }
      }
      return InventoryList.Item(
        id: type.name, name: type.name, attributes: attributes, eligible: type.isNitro,
        why: type.isNitro ? nil : "it is not on the Nitro system, for which guests are prepared")
    }
  }
}
