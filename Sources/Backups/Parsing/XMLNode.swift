/// An element of a parsed XML document, its names resolved to namespaces.
struct XMLNode: Sendable {
  /// A name with the URI of its namespace; empty where it has none.
  struct Name: Hashable, Sendable {
    var namespace: String
    var local: String
  }

  var name: Name
  var attributes: [Name: String] = [:]
  var children: [XMLNode] = []
  /// The text directly in it.
  var text = ""

  /// The children called `local` in any of `namespaces`.
  func all(_ local: String, _ namespaces: Set<String>) -> [XMLNode] {
    children.filter { $0.name.local == local && namespaces.contains($0.name.namespace) }
  }

  func first(_ local: String, _ namespaces: Set<String>) -> XMLNode? {
    children.first { $0.name.local == local && namespaces.contains($0.name.namespace) }
  }

  /// An attribute in one of `namespaces`, or without a namespace, as some writers leave it.
  func attribute(_ local: String, _ namespaces: Set<String>) -> String? {
    for namespace in namespaces {
      if let value = attributes[Name(namespace: namespace, local: local)] { return value }
    }
    return attributes[Name(namespace: "", local: local)]
  }

  /// The text without blanks around it, or nil where nothing is left.
  var content: String? {
    let trimmed = text[...].trimmingSpaces()
    return trimmed.isEmpty ? nil : String(trimmed)
  }
}
