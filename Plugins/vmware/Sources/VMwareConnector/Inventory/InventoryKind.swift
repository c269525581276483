import ConnectorProtocol

/// What `inventory/list` can list.
enum InventoryKind: String, CaseIterable, Sendable {
  case datacenter, cluster, host, resourcePool, folder, storage, network, hardwareVersion, guestType

  var title: String {
    switch self {
    case .datacenter: "datacenter"
    case .cluster: "cluster"
    case .host: "host"
    case .resourcePool: "resource pool"
    case .folder: "VM folder"
    case .storage: "datastore"
    case .network: "network"
    case .hardwareVersion: "hardware version"
    case .guestType: "guest type"
    }
  }

  /// The member of `target`, or the mapping, that a choice goes into.
  var fills: String? {
    switch self {
    case .datacenter, .cluster, .host, .resourcePool, .folder, .hardwareVersion: rawValue
    case .storage: "storage"
    case .network: "networks"
    case .guestType: "guestId"
    }
  }

  /// True where the thing is one of the inventory, of this kind. Versions and guest types are not: see `ConfigOptions`.
  func includes(_ entity: Entity) -> Bool {
    switch self {
    case .datacenter: entity.reference.type == "Datacenter"
    case .cluster: ["ClusterComputeResource", "ComputeResource"].contains(entity.reference.type)
    case .host: entity.reference.type == "HostSystem"
    case .resourcePool: ["ResourcePool", "VirtualApp"].contains(entity.reference.type)
    case .folder:
      entity.reference.type == "Folder"
        && entity.facts["childType"]?.items.contains { $0.text == "VirtualMachine" } == true
    case .storage: entity.reference.type == "Datastore"
    case .network:
      ["Network", "DistributedVirtualPortgroup", "OpaqueNetwork"].contains(entity.reference.type)
        && !Self.isUplink(entity)
    case .hardwareVersion, .guestType: false
    }
  }

  /// Port groups of a switch's own uplinks: nothing of a machine goes there. Older servers do not set the flag.
  private static func isUplink(_ entity: Entity) -> Bool {
    entity.bool("config.uplink") == true || entity.name.contains("DVUplinks")
  }
}
