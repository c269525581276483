/// One entry of the hardware section, as it stands there.
struct OVFItem: Sendable {
  var node: XMLNode
  var instance: String
  var type: Int?
  var subtype: String?
  var name: String?

  init(_ node: XMLNode) {
    self.node = node
    instance = Self.value("InstanceID", node) ?? Self.value("InstanceId", node) ?? ""
    type = Self.value("ResourceType", node).flatMap { Int($0) }
    subtype = Self.value("ResourceSubType", node)
    name = Self.value("ElementName", node) ?? Self.value("Caption", node)
  }

  /// What items are called: version 2 of the standard has elements of their own for some.
  static let elements: Set<String> = ["Item", "StorageItem", "EthernetPortItem"]

  /// `min` or `max`: what it says is a bound. `normal` is what an item without the attribute is.
  var bound: String? {
    let bound = node.attribute("bound", OVFNamespace.envelope)
    return bound == "normal" ? nil : bound
  }

  var isBound: Bool { bound != nil }

  /// The text of one of the item's properties.
  func value(_ property: String) -> String? { Self.value(property, node) }

  /// The item's settings of the platform's own, `vmw:Config`.
  var settings: [(key: String, value: String)] { OVFSettings.read(node, ["Config"]) }

  private static func value(_ property: String, _ node: XMLNode) -> String? {
    node.first(property, OVFNamespace.allocation)?.content
  }
}

/// The platform's own settings: elements with a key and a value.
enum OVFSettings {
  static func read(_ node: XMLNode, _ names: [String]) -> [(key: String, value: String)] {
    node.children.compactMap { child in
      guard names.contains(child.name.local), OVFNamespace.vmware.contains(child.name.namespace),
        let key = child.attribute("key", OVFNamespace.vmware)
      else { return nil }
      return (key, child.attribute("value", OVFNamespace.vmware) ?? "")
    }
  }
}
