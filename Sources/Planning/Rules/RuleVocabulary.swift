/// The names of all facts that rules may ask about: a name that is none of these would never say anything, and its rule
/// never fire.
struct RuleVocabulary: Sendable {
  /// What a name stands for.
  private final class Node: Sendable {
    let children: [String: Node]
    /// Of a list: what its items have.
    let item: Node?
    /// Its names come from the guest: mount points.
    let isOpen: Bool

    init(_ paths: [[String]]) {
      var below: [String: [[String]]] = [:]
      for path in paths where !path.isEmpty { below[path[0], default: []].append(Array(path.dropFirst())) }
      isOpen = below.removeValue(forKey: "*") != nil
      item = below.removeValue(forKey: "[]").map { Node($0) }
      children = below.mapValues { Node($0) }
    }
  }

  static let standard = RuleVocabulary(facts)

  private let root: Node

  /// - Parameter paths: `machine.disks.[].index`, `guest.freeBytes.*`
  init(_ paths: [String]) {
    root = Node(paths.map { $0.split(separator: ".").map(String.init) })
  }

  /// What is wrong with a name, and which one may have been meant; nil where there is such a fact.
  ///
  /// - Parameter each: The list that the rule is held against, whose items are `item`.
  func problem(_ path: String, each: String?) -> (text: String, meant: String?)? {
    var node = root
    var walked: [String] = []
    for name in path.split(separator: ".").map(String.init) {
      if walked.isEmpty, name == "item" {
        guard let each else { return ("item is known only to a rule with each", nil) }
        guard let list = find(each), let item = list.item else { return ("each: \(each) is not a list", nil) }
        node = item
      } else if name == "count", node.item != nil, node.children["count"] == nil {
        node = Node([])
      } else if node.isOpen {
        return nil
      } else if let next = node.children[name] {
        node = next
      } else {
        let near = Self.nearest(name, node.children.keys.sorted())
        return ("there is no fact \(path)", near.map { (walked + [$0]).joined(separator: ".") })
      }
      walked.append(name)
    }
    return nil
  }

  /// The same of the name of a list.
  func problem(each path: String) -> (text: String, meant: String?)? {
    if let problem = problem(path, each: nil) { return problem }
    return find(path)?.item == nil ? ("each: \(path) is not a list", nil) : nil
  }

  /// Every path, for comparison with what there really is.
  var paths: Set<String> { Self.paths(root, "") }

  private static func paths(_ node: Node, _ start: String) -> Set<String> {
    var found: Set<String> = start.isEmpty ? [] : [start]
    for (name, next) in node.children { found.formUnion(paths(next, start.isEmpty ? name : "\(start).\(name)")) }
    if let item = node.item { found.formUnion(paths(item, start + ".[]")) }
    if node.isOpen { found.insert(start + ".*") }
    return found
  }

  private func find(_ path: String) -> Node? {
    var node: Node? = root
    for name in path.split(separator: ".") { node = node?.children[String(name)] }
    return node
  }

  /// One that differs by few letters, if any does.
  private static func nearest(_ name: String, _ known: [String]) -> String? {
    let rated = known.map { ($0, distance(Array(name.lowercased().utf8), Array($0.lowercased().utf8))) }
    guard let best = rated.min(by: { $0.1 < $1.1 }), best.1 <= max(2, name.count / 3) else { return nil }
    return best.0
  }

  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    guard left.count <= 100 else { return .max }
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (a == b ? 0 : 1))
        diagonal = row[j + 1]
        row[j + 1] = next
      }
    }
    return row[right.count]
  }
}
