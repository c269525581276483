import ConnectorKit
import ConnectorProtocol
import Foundation

/// What there is on the server to map onto.
struct Inventory: Sendable {
  var tree: InventoryTree
  var options: ConfigOptions

  func list(_ request: InventoryList, now: Date = Date()) throws -> InventoryList.Result {
    let kind: InventoryKind = try request.known()
    let items = items(kind, parent: request.parent)
    return try request.result(items, now: now)
  }

  private func items(_ kind: InventoryKind, parent: String?) -> [InventoryList.Item] {
    switch kind {
    case .hardwareVersion:
      options.versions.sorted { (ConfigOptions.number($0) ?? 0) > (ConfigOptions.number($1) ?? 0) }.map {
        InventoryList.Item(
          id: $0, name: $0, attributes: ["default": .bool($0 == options.defaultVersion)])
      }
    case .guestType:
      options.guests.sorted { $0.key < $1.key }.map { InventoryList.Item(id: $0.key, name: $0.value) }
    default:
      tree.all(kind).filter { parent == nil || lies($0, in: parent) }.map { item($0, kind) }
    }
  }

  /// True where it lies below what has this id: everything else is below its datacenter, pools and hosts are below
  /// their cluster.
  private func lies(_ entity: Entity, in parent: String?) -> Bool {
    var next = entity.parent
    for _ in 0..<64 {
      guard let here = next else { return false }
      if here.id == parent { return true }
      next = tree[here]?.parent
    }
    return false
  }

  private func item(_ entity: Entity, _ kind: InventoryKind) -> InventoryList.Item {
    let why = Eligibility.why(entity)
    return InventoryList.Item(
      id: entity.id, name: entity.name, path: entity.path, attributes: attributes(entity, kind), eligible: why == nil,
      why: why)
  }

  private func attributes(_ entity: Entity, _ kind: InventoryKind) -> [String: JSONValue] {
    var attributes: [String: JSONValue] = [:]
    if let datacenter = entity.datacenter.flatMap({ tree[$0]?.name }) { attributes["datacenter"] = .string(datacenter) }
    switch kind {
    case .storage:
      attributes["freeBytes"] = entity.int("summary.freeSpace").map { .integer($0) }
      attributes["totalBytes"] = entity.int("summary.capacity").map { .integer($0) }
      attributes["type"] = entity.string("summary.type").map { .string($0) }
      attributes["shared"] = entity.bool("summary.multipleHostAccess").map { .bool($0) }
    case .network:
      attributes["type"] =
        switch entity.reference.type {
        case "DistributedVirtualPortgroup": "distributed"
        case "OpaqueNetwork": "opaque"
        default: "standard"
        }
    case .cluster:
      attributes["type"] = entity.reference.type == "ClusterComputeResource" ? "cluster" : "standalone"
    default: break
    }
    return attributes
  }
}
