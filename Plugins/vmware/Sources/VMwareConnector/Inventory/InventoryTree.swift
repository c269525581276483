import ConnectorProtocol

/// Everything of the inventory that a machine can be placed in: read once, then looked up by name, path or id.
struct InventoryTree: Sendable {
  /// What is read of each class.
  static let properties: [String: [String]] = [
    "Datacenter": ["name", "parent", "vmFolder"],
    "Folder": ["name", "parent", "childType"],
    "ComputeResource": ["name", "parent", "resourcePool", "network", "datastore", "environmentBrowser", "host"],
    "HostSystem": [
      "name", "parent", "network", "datastore", "runtime.connectionState", "runtime.inMaintenanceMode",
      "runtime.powerState",
    ],
    "ResourcePool": ["name", "parent", "owner"],
    "Datastore": [
      "name", "parent", "summary.accessible", "summary.freeSpace", "summary.capacity", "summary.type",
      "summary.maintenanceMode", "summary.multipleHostAccess", "host",
    ],
    "Network": ["name", "parent", "host", "summary.accessible"],
    "DistributedVirtualPortgroup": [
      "name", "parent", "host", "summary.accessible", "key", "config.distributedVirtualSwitch", "config.uplink",
    ],
    "OpaqueNetwork": ["name", "parent", "host", "summary.accessible", "summary"],
    "DistributedVirtualSwitch": ["name", "parent", "uuid"],
  ]

  /// By reference.
  let entities: [MoRef: Entity]

  init(_ entities: [Entity], root: MoRef) {
    var known = Dictionary(entities.map { ($0.reference, $0) }, uniquingKeysWith: { first, _ in first })
    for reference in known.keys {
      let (path, datacenter) = Self.place(reference, known, root)
      known[reference]?.path = path
      known[reference]?.datacenter = datacenter
    }
    self.entities = known
  }

  static func load(_ client: VimClient) async throws -> InventoryTree {
    var found: [MoRef: Entity] = [:]
    // A subclass is found as its base class too, with the properties of that: both are kept.
    try await Failure.translating("Reading the inventory of \(client.web.server)", outcome: .none) {
      try await client.enumerate(properties, below: client.content.rootFolder) { page in
        for object in page {
          var facts = object.properties
          if let before = found[object.object] { facts.merge(before.facts) { new, _ in new } }
          found[object.object] = Entity(
            reference: object.object, name: Entity.plain(facts["name"]?.text ?? object.object.value),
            parent: facts["parent"]?.reference, facts: facts)
        }
      }
    }
    return InventoryTree(Array(found.values), root: client.content.rootFolder)
  }

  /// Path and datacenter, from the names on the way up.
  private static func place(
    _ reference: MoRef, _ known: [MoRef: Entity], _ root: MoRef
  ) -> (path: String, datacenter: MoRef?) {
    var names: [String] = []
    var datacenter: MoRef?
    var next: MoRef? = reference
    while let here = next, here != root, let entity = known[here], names.count < 64 {
      names.insert(Entity.escaped(entity.name), at: 0)
      if here.type == "Datacenter" { datacenter = here }
      next = entity.parent
    }
    return ("/" + names.joined(separator: "/"), datacenter)
  }

  subscript(reference: MoRef) -> Entity? { entities[reference] }

  /// All of a kind, in order of their paths.
  func all(_ kind: InventoryKind) -> [Entity] {
    entities.values.filter { kind.includes($0) }.sorted { ($0.path, $0.id) < ($1.path, $1.id) }
  }

  /// The one thing that a person means.
  ///
  /// - Parameter within: What else it must fulfil, such as lying in the datacenter that was chosen.
  /// - Throws: `mappingInvalid` where there is none, or more than one.
  func find(_ kind: InventoryKind, _ text: String, within: (Entity) -> Bool = { _ in true }) throws -> Entity {
    let candidates = all(kind).filter(within)
    let found = candidates.filter { $0.answers(to: text) }
    if let exact = found.first(where: { $0.id == text || $0.reference.value == text }) { return exact }
    guard let first = found.first else {
      throw Failure.notInInventory(kind.title, text, choices: candidates.map(\.name))
    }
    guard found.count == 1 else { throw Failure.ambiguous(kind.title, text, choices: found.map(\.path)) }
    return first
  }
}
