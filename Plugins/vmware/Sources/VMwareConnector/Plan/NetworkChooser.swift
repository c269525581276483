import ConnectorKit
import ConnectorProtocol

/// Chooses networks for network interfaces, and says how a machine is connected to each kind.
struct NetworkChooser: Sendable {
  /// Those that the machine's hosts have.
  var candidates: [Entity]
  /// For the switches that port groups belong to.
  var tree: InventoryTree
  var `default`: String?

  func choose(
    _ wish: String?, _ nic: Int, _ findings: inout Findings
  ) -> (name: String, backing: MachinePlan.Backing)? {
    let at = "/machine/nics/\(nic)"
    guard let entity = entity(wish, nic, at, &findings) else { return nil }
    guard let backing = backing(entity) else {
      findings.block(
        "network.unknown", "How machines are connected to network '\(entity.name)' cannot be seen.", at: at,
        action: "Give the account the right to read the network and its switch, or choose another.")
      return nil
    }
    return (entity.name, backing)
  }

  private func entity(_ wish: String?, _ nic: Int, _ at: String, _ findings: inout Findings) -> Entity? {
    let usable = candidates.filter { Eligibility.why($0) == nil }
    if let text = wish ?? self.default {
      let found = candidates.filter { $0.answers(to: text) }
      guard let entity = found.first, found.count == 1 else {
        findings.block(
          "mapping.network",
          found.isEmpty ? "There is no network '\(text)' here." : "There are several networks '\(text)'.",
          at: "/mapping/networks",
          action: "Choose one of \(candidates.map(found.isEmpty ? \.name : \.path).joined(separator: ", ")).")
        return nil
      }
      if let why = Eligibility.why(entity) {
        findings.block("network.unusable", "Network '\(entity.name)' cannot be used: \(why).", at: at)
      }
      return entity
    }
    guard let first = usable.first(where: { $0.name == "VM Network" }) ?? usable.first else {
      findings.block(
        "network.none", "The hosts here have no network.", at: at, action: "Choose another cluster or host.")
      return nil
    }
    findings.note(
      "network.defaulted", "Network interface \(nic) is not mapped: it is connected to '\(first.name)'.", at: at)
    return first
  }

  private func backing(_ entity: Entity) -> MachinePlan.Backing? {
    switch entity.reference.type {
    case "DistributedVirtualPortgroup":
      guard let key = entity.string("key"),
        let uuid = entity.reference("config.distributedVirtualSwitch").flatMap({ tree[$0]?.string("uuid") })
      else { return nil }
      return .distributed(switchUUID: uuid, portgroup: key)
    case "OpaqueNetwork":
      guard let summary = entity.facts["summary"], let id = summary.string("opaqueNetworkId"),
        let type = summary.string("opaqueNetworkType")
      else { return nil }
      return .opaque(id: id, type: type)
    default: return .standard(entity.name)
    }
  }
}
