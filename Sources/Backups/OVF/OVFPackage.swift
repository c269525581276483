import Support

/// An OVF descriptor, taken apart: files, disks and the one machine, still in its own words.
struct OVFPackage: Sendable {
  struct File: Sendable {
    var id: String
    var href: String
    var size: Int64?
    var compression: String?
    /// The size of the pieces that it was cut into, `href.000000000` and on; nil where it is whole.
    var chunkSize: Int64?
  }

  struct Disk: Sendable {
    var id: String
    var fileID: String?
    var capacity: String?
    var capacityUnits: String?
    var format: String?
    var parent: String?
  }

  var files: [File]
  var disks: [Disk]
  var system: XMLNode
  /// The whole descriptor.
  var root: XMLNode
  /// The deployment configuration that counts, where the descriptor has several.
  var configuration: String?
  var product: String?
  /// Sections of the envelope that say something of no use here.
  var otherSections: [String]

  /// What somebody should know of the choice that was made among several configurations.
  var findings: [String] = []

  struct Malformed: Error, Equatable {
    var reason: String
    var code: AscendError.Code = "backup.descriptorMalformed"
    var remedy = "Export the machine again as OVF 1.x, OVF 2.x or OVA"
  }

  static let deepestCollection = 8

  /// - Parameters:
  ///   - machine: Which of several machines, by its identifier or name.
  ///   - configuration: Which of several deployment configurations; nil for the descriptor's default.
  static func read(_ root: XMLNode, machine: String? = nil, configuration wanted: String? = nil) throws(Malformed)
    -> OVFPackage
  {
    let ovf = OVFNamespace.envelope
    guard root.name.local == "Envelope", ovf.contains(root.name.namespace) else {
      throw Malformed(reason: "its root is no OVF envelope")
    }
    let system = try choose(systems(in: root, depth: 0), machine)
    let files = (root.first("References", ovf)?.all("File", ovf) ?? []).map { node in
      File(
        id: node.attribute("id", ovf) ?? "", href: node.attribute("href", ovf) ?? "",
        size: node.attribute("size", ovf).flatMap { Int64($0) }, compression: node.attribute("compression", ovf),
        chunkSize: node.attribute("chunkSize", ovf).map { Int64($0) ?? 0 })
    }
    let sections = root.all("DiskSection", ovf) + root.all("Section", ovf)
    let disks = sections.flatMap { $0.all("Disk", ovf) }.map { node in
      Disk(
        id: node.attribute("diskId", ovf) ?? "", fileID: node.attribute("fileRef", ovf),
        capacity: node.attribute("capacity", ovf), capacityUnits: node.attribute("capacityAllocationUnits", ovf),
        format: node.attribute("format", ovf), parent: node.attribute("parentRef", ovf))
    }
    let known: Set = [
      "References", "DiskSection", "NetworkSection", "DeploymentOptionSection", "VirtualSystem",
      "VirtualSystemCollection", "Section", "Strings",
    ]
    let (configuration, findings) = try configuration(root, wanted)
    return OVFPackage(
      files: files, disks: disks, system: system, root: root, configuration: configuration,
      product: root.attribute("buildId", OVFNamespace.vmware).map { "build \($0)" },
      otherSections: root.children.map(\.name.local).filter { !known.contains($0) }, findings: findings)
  }

  /// The machines of an envelope, those of collections within collections too.
  private static func systems(in node: XMLNode, depth: Int) -> [XMLNode] {
    let ovf = OVFNamespace.envelope
    guard depth <= deepestCollection else { return [] }
    return node.all("VirtualSystem", ovf)
      + node.all("VirtualSystemCollection", ovf).flatMap { systems(in: $0, depth: depth + 1) }
  }

  private static func choose(_ systems: [XMLNode], _ wanted: String?) throws(Malformed) -> XMLNode {
    let ovf = OVFNamespace.envelope
    guard let first = systems.first else { throw Malformed(reason: "it describes no machine") }
    let names = systems.map { $0.attribute("id", ovf) ?? $0.first("Name", ovf)?.content ?? "" }
    let listed = names.prefix(20).joined(separator: ", ")
    if let wanted,
      let match = zip(systems, names).first(where: { pair in
        pair.1 == wanted || pair.0.first("Name", ovf)?.content == wanted
      })
    {
      return match.0
    }
    guard systems.count > 1 else { return first }
    throw Malformed(
      reason: "it describes \(systems.count) machines: \(listed)",
      code: wanted == nil ? "backup.ambiguous" : "backup.machineUnknown",
      remedy: "Name one of them with --machine; each is a backup of its own")
  }

  /// The deployment configuration that counts: the one that is wanted, the default one, else the first.
  private static func configuration(_ root: XMLNode, _ wanted: String?) throws(Malformed) -> (String?, [String]) {
    let ovf = OVFNamespace.envelope
    let options = root.first("DeploymentOptionSection", ovf)?.all("Configuration", ovf) ?? []
    let ids = options.compactMap { $0.attribute("id", ovf) }
    let listed = ids.prefix(20).joined(separator: ", ")
    if let wanted {
      guard ids.contains(wanted) else {
        throw Malformed(
          reason: ids.isEmpty ? "it has no configurations" : "it has the configurations \(listed)",
          code: "backup.configurationUnknown",
          remedy: ids.isEmpty ? "Leave --configuration out" : "Name one of these with --configuration")
      }
      return (wanted, [])
    }
    let chosen = options.first { ["true", "1"].contains($0.attribute("default", ovf)) } ?? options.first
    guard let id = chosen?.attribute("id", ovf), ids.count > 1 else { return (chosen?.attribute("id", ovf), []) }
    return (
      id, ["The descriptor has the configurations \(listed): \(id) is taken, --configuration names another"]
    )
  }

  /// The hardware items that count under the chosen configuration: one that names it stands in for one that names none.
  var items: [OVFItem] {
    var chosen: [OVFItem] = []
    for (item, isNamed) in candidates where !item.isBound {
      if let index = chosen.firstIndex(where: { !item.instance.isEmpty && $0.instance == item.instance }) {
        if isNamed { chosen[index] = item }
      } else {
        chosen.append(item)
      }
    }
    return chosen
  }

  /// The items under the chosen configuration that say how much or how little of something the machine may have.
  var bounds: [OVFItem] { candidates.map(\.item).filter(\.isBound) }

  /// The items of the chosen configuration and of every one, with whether they name it.
  private var candidates: [(item: OVFItem, isNamed: Bool)] {
    let ovf = OVFNamespace.envelope
    return (system.first("VirtualHardwareSection", ovf)?.children ?? []).compactMap { node in
      guard OVFItem.elements.contains(node.name.local), ovf.contains(node.name.namespace) else { return nil }
      let named = node.attribute("configuration", ovf)?.split(separator: " ").map(String.init)
      if let named, let configuration, !named.contains(configuration) { return nil }
      return (OVFItem(node), named != nil)
    }
  }
}
