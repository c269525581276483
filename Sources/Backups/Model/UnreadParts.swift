/// Collects what a description says and nobody reads, so that none of it is lost without a word.
struct UnreadParts {
  private static let most = 500
  private(set) var losses: [Loss] = []

  /// Notes the children and attributes of `node` that are not in `children` and `attributes`.
  mutating func note(
    _ node: XMLNode, as place: String, why: String, children: Set<String> = [], attributes: Set<String> = []
  ) {
    for (name, value) in node.attributes.sorted(by: { $0.key.local < $1.key.local })
    where !attributes.contains(name.local) {
      add("\(place)/@\(name.local)", value, why)
    }
    for child in node.children where !children.contains(child.name.local) {
      add("\(place)/\(child.name.local)", Self.summary(child), why)
    }
  }

  /// Notes what of the children of `node` called `child` is not in `attributes` and `children`: of what is read, the rest
  /// is not. Without `children` those are seen to elsewhere.
  mutating func rest(
    of node: XMLNode, _ child: String, as place: String, why: String, but attributes: Set<String>,
    children: Set<String>? = []
  ) {
    for part in node.children where part.name.local == child {
      note(
        part, as: "\(place)/\(child)", why: why, children: children ?? Set(part.children.map(\.name.local)),
        attributes: attributes)
    }
  }

  mutating func add(_ property: String, _ value: String?, _ why: String) {
    guard losses.count < Self.most else {
      if losses.count == Self.most {
        losses.append(Loss(property: "More", why: "Only \(Self.most) properties of a description are listed"))
      }
      return
    }
    losses.append(Loss(property: property, value: value.map { String($0.prefix(200)) }, why: why))
  }

  /// An element's text, or its attributes in short.
  private static func summary(_ node: XMLNode) -> String? {
    if let text = node.content { return text }
    let pairs = node.attributes.map { "\($0.key.local)=\($0.value)" }.sorted()
    return pairs.isEmpty ? nil : pairs.joined(separator: " ")
  }
}
