import ConnectorProtocol

/// Where a machine goes: everything that the server asks for when one is made.
struct Placement: Codable, Hashable, Sendable {
  /// The datacenter, and its path as `/folder` takes it.
  var datacenter: MoRef
  var datacenterPath: String
  var computeResource: MoRef
  var host: MoRef?
  var pool: MoRef
  var folder: MoRef
  var folderPath: String
  var environmentBrowser: MoRef?

  /// Chooses from what the target's configuration and the restore's options say, and what there is only one of.
  struct Chooser {
    var tree: InventoryTree
    var settings: Settings
    /// Members of the `target` form.
    var options: JSONValue
    var isVirtualCenter: Bool

    func wish(_ name: String) -> String? {
      let option = options[name]?.stringValue
      if let option, !option.isEmpty { return option }
      return name == "folder" ? settings.folder : Settings.Place(rawValue: name).flatMap { settings.places[$0] }
    }

    func run() throws -> Placement {
      let datacenter = try datacenter()
      func here(_ entity: Entity) -> Bool { entity.datacenter == datacenter.reference }
      let host = try wish("host").map { try tree.find(.host, $0, within: here) }
      if let host, let why = Eligibility.why(host) {
        throw ConnectorError(
          .mappingInvalid, "Host '\(host.name)' cannot take a machine: \(why).",
          remedy: "Choose another host, or bring this one back into service.", outcome: .none)
      }
      let pool = try wish("resourcePool").map { try tree.find(.resourcePool, $0, within: here) }
      let compute = try compute(host: host, pool: pool, within: here)
      guard let root = pool?.reference ?? compute.reference("resourcePool") else {
        throw Failure.notInInventory("resource pool", "Resources", choices: [])
      }
      let folder = try folder(datacenter)
      let path = datacenter.path.hasPrefix("/") ? String(datacenter.path.dropFirst()) : datacenter.path
      return Placement(
        datacenter: datacenter.reference, datacenterPath: path, computeResource: compute.reference,
        host: host?.reference, pool: root, folder: folder.reference, folderPath: folder.path,
        environmentBrowser: compute.reference("environmentBrowser"))
    }

    private func datacenter() throws -> Entity {
      if let wish = wish("datacenter") { return try tree.find(.datacenter, wish) }
      let all = tree.all(.datacenter)
      guard let first = all.first else { throw Failure.notInInventory("datacenter", "of any name", choices: []) }
      guard all.count == 1 else {
        throw Failure.ambiguous("datacenters, and none is chosen:", "datacenter", choices: all.map(\.path))
      }
      return first
    }

    /// The cluster (or single host) that was named; else that of the host or pool; else the only one.
    private func compute(host: Entity?, pool: Entity?, within: (Entity) -> Bool) throws -> Entity {
      if let wish = wish("cluster") {
        let cluster = try tree.find(.cluster, wish, within: within)
        for thing in [host, pool].compactMap(\.self) where owner(thing) != cluster.reference {
          throw ConnectorError(
            .mappingInvalid, "'\(thing.name)' does not belong to cluster '\(cluster.name)'.",
            remedy: "Choose a host and a resource pool of that cluster, or leave the cluster out.", outcome: .none)
        }
        return cluster
      }
      for thing in [host, pool].compactMap(\.self) {
        if let owner = owner(thing), let entity = tree[owner] { return entity }
      }
      let all = tree.all(.cluster).filter(within)
      guard let first = all.first else { throw Failure.notInInventory("cluster or host", "of any name", choices: []) }
      let clusters = all.filter { $0.reference.type == "ClusterComputeResource" }
      if all.count == 1 { return first }
      if clusters.count == 1 { return clusters[0] }
      throw Failure.ambiguous("clusters, and none is chosen:", "cluster", choices: all.map(\.name))
    }

    /// The compute resource that a host or pool belongs to.
    private func owner(_ entity: Entity) -> MoRef? {
      if let owner = entity.reference("owner") { return owner }
      var next = entity.parent
      for _ in 0..<64 {
        guard let here = next else { return nil }
        if ["ComputeResource", "ClusterComputeResource"].contains(here.type) { return here }
        next = tree[here]?.parent
      }
      return nil
    }

    private func folder(_ datacenter: Entity) throws -> Entity {
      guard let root = datacenter.reference("vmFolder"), let top = tree[root] else {
        throw Failure.notInInventory("VM folder", "vm", choices: [])
      }
      guard let wish = wish("folder") else { return top }
      let inside = tree.all(.folder).filter { $0.datacenter == datacenter.reference }
      // Paths below the datacenter's own folder of machines are what people write.
      if let relative = inside.first(where: { Entity.plain($0.path) == Entity.plain(top.path + "/" + wish) }) {
        return relative
      }
      return try tree.find(.folder, wish) { $0.datacenter == datacenter.reference }
    }
  }

  /// The datastores and networks that machines here can use.
  func datastores(_ tree: InventoryTree) -> [Entity] { attached("datastore", .storage, tree) }
  func networks(_ tree: InventoryTree) -> [Entity] { attached("network", .network, tree) }

  private func attached(_ property: String, _ kind: InventoryKind, _ tree: InventoryTree) -> [Entity] {
    let place = host.flatMap { tree[$0] } ?? tree[computeResource]
    let references = Set(place?.references(property) ?? [])
    return tree.all(kind).filter { references.contains($0.reference) }
  }
}
