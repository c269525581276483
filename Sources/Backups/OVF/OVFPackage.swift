/// An OVF descriptor, taken apart: files, disks and the one machine, still in its own words.
struct OVFPackage: Sendable {
  struct File: Sendable {
    var id: String
    var href: String
    var size: Int64?
    var compression: String?
    var isSplit: Bool
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
  /// The deployment configuration that counts, where the descriptor has several.
  var configuration: String?
  var product: String?
  /// Sections of the envelope that say something of no use here.
  var otherSections: [String]

  struct Malformed: Error, Equatable {
    var reason: String
  }

  static func read(_ root: XMLNode) throws(Malformed) -> OVFPackage {
    let ovf = OVFNamespace.envelope
    guard root.name.local == "Envelope", ovf.contains(root.name.namespace) else {
      throw Malformed(reason: "its root is no OVF envelope")
    }
    let collections = root.all("VirtualSystemCollection", ovf)
    let systems = root.all("VirtualSystem", ovf) + collections.flatMap { $0.all("VirtualSystem", ovf) }
    guard systems.count <= 1, collections.allSatisfy({ $0.all("VirtualSystemCollection", ovf).isEmpty }) else {
      throw Malformed(reason: "it describes \(systems.count) machines, and one is read at a time")
    }
    guard let system = systems.first else { throw Malformed(reason: "it describes no machine") }
    let files = (root.first("References", ovf)?.all("File", ovf) ?? []).map { node in
      File(
        id: node.attribute("id", ovf) ?? "", href: node.attribute("href", ovf) ?? "",
        size: node.attribute("size", ovf).flatMap { Int64($0) }, compression: node.attribute("compression", ovf),
        isSplit: node.attribute("chunkSize", ovf) != nil)
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
    return OVFPackage(
      files: files, disks: disks, system: system, configuration: configuration(root),
      product: root.attribute("buildId", OVFNamespace.vmware).map { "build \($0)" },
      otherSections: root.children.map(\.name.local).filter { !known.contains($0) })
  }

  private static func configuration(_ root: XMLNode) -> String? {
    let ovf = OVFNamespace.envelope
    let options = root.first("DeploymentOptionSection", ovf)?.all("Configuration", ovf) ?? []
    let chosen = options.first { ["true", "1"].contains($0.attribute("default", ovf)) } ?? options.first
    return chosen?.attribute("id", ovf)
  }

  /// The hardware items that count under the chosen configuration: one that names it stands in for one that names none.
  var items: [OVFItem] {
    let ovf = OVFNamespace.envelope
    let hardware = system.first("VirtualHardwareSection", ovf)
    let nodes = hardware?.children.filter {
      ["Item", "StorageItem", "EthernetPortItem"].contains($0.name.local) && ovf.contains($0.name.namespace)
    }
    var chosen: [OVFItem] = []
    for node in nodes ?? [] where node.attribute("bound", ovf) == nil {
      let named = node.attribute("configuration", ovf)?.split(separator: " ").map(String.init)
      if let named, let configuration, !named.contains(configuration) { continue }
      let item = OVFItem(node)
      if let index = chosen.firstIndex(where: { !item.instance.isEmpty && $0.instance == item.instance }) {
        if named != nil { chosen[index] = item }
      } else {
        chosen.append(item)
      }
    }
    return chosen
  }
}
