/// What a document says that cannot be: where, and why not.
struct JSONFault: Error, Equatable {
  /// The place in the document, `/Reservations/0/Instances/0/InstanceId`.
  var path: String
  var reason: String
}

/// An object of a JSON document that remembers what was read of it: what is left over is what a restore does not carry.
final class JSONRecord {
  let path: String
  private let members: [String: JSONNode]
  private var read: Set<String> = []
  private var children: [JSONRecord] = []

  init(_ members: [String: JSONNode], path: String) {
    self.members = members
    self.path = path
  }

  /// The first of the members called `keys` that says something; writers differ in their spelling.
  private func node(_ keys: [String]) -> (key: String, node: JSONNode)? {
    read.formUnion(keys)
    for key in keys { if let node = members[key], node != .null { return (key, node) } }
    return nil
  }

  func has(_ key: String) -> Bool { members[key].map { $0 != .null } ?? false }

  /// Counts members as read, though nothing of them is kept: what only tells of the moment, or is said elsewhere.
  func pass(_ keys: String...) { read.formUnion(keys) }

  /// A text or a number as text; nil where it is not there or empty.
  func text(_ keys: String...) throws(JSONFault) -> String? {
    guard let (key, node) = node(keys) else { return nil }
    guard let text = node.text else { throw wrong(key, "is no text") }
    return text.isEmpty ? nil : text
  }

  /// A whole number, which may be written as a text.
  func integer(_ keys: String...) throws(JSONFault) -> Int64? {
    guard let (key, node) = node(keys) else { return nil }
    guard let text = node.text else { throw wrong(key, "is no number") }
    if text.isEmpty { return nil }
    if let number = Int64(text) { return number }
    guard let number = Double(text), let whole = Int64(exactly: number) else { throw wrong(key, "is no whole number") }
    return whole
  }

  /// A number of things, of which there can only be so many.
  func count(_ keys: String..., in range: ClosedRange<Int64>) throws(JSONFault) -> Int64? {
    for key in keys {
      guard let number = try integer(key) else { continue }
      guard range.contains(number) else {
        throw wrong(key, "is \(number), and can only be \(range.lowerBound) to \(range.upperBound)")
      }
      return number
    }
    return nil
  }

  /// True or false, which may be written as a text.
  func flag(_ keys: String...) throws(JSONFault) -> Bool? {
    guard let (key, node) = node(keys) else { return nil }
    switch node {
    case .bool(let value): return value
    case .string(let text):
      if text.isEmpty { return nil }
      if let value = Bool(text.lowercased()) { return value }
    default: break
    }
    throw wrong(key, "is neither true nor false")
  }

  func record(_ keys: String...) throws(JSONFault) -> JSONRecord? {
    guard let (key, node) = node(keys) else { return nil }
    guard case .object(let members) = node else { throw wrong(key, "is no object") }
    return child(members, key)
  }

  /// The objects of a list.
  func records(_ keys: String...) throws(JSONFault) -> [JSONRecord] {
    guard let (key, node) = node(keys) else { return [] }
    guard case .array(let elements) = node else { throw wrong(key, "is no list") }
    var records: [JSONRecord] = []
    for (place, element) in elements.enumerated() where element != .null {
      guard case .object(let members) = element else { throw wrong("\(key)/\(place)", "is no object") }
      records.append(child(members, "\(key)/\(place)"))
    }
    return records
  }

  /// The members of an object whose names are not fixed, as texts.
  func pairs(_ keys: String...) throws(JSONFault) -> [String: String] {
    guard let (key, node) = node(keys) else { return [:] }
    guard case .object(let members) = node else { throw wrong(key, "is no object") }
    return members.compactMapValues { value in
      if case .bool(let flag) = value { return flag ? "true" : "false" }
      return value.text
    }
  }

  private func child(_ members: [String: JSONNode], _ key: String) -> JSONRecord {
    let child = JSONRecord(members, path: "\(path)/\(key)")
    children.append(child)
    return child
  }

  func wrong(_ key: String, _ reason: String) -> JSONFault { JSONFault(path: "\(path)/\(key)", reason: reason) }

  /// What says something and was not read, in order of name.
  ///
  /// - Parameters:
  ///   - base: The place that the names start from.
  ///   - why: Gets a member's name.
  func losses(from base: String? = nil, why: (String) -> String) -> [Loss] {
    let base = base ?? path
    var losses: [Loss] = []
    for (key, node) in members.sorted(by: { $0.key < $1.key }) where !read.contains(key) && !node.isBlank {
      let place = String("\(path)/\(key)".dropFirst(base.count + 1))
      losses.append(
        Loss(property: String(place.prefix(200)), value: JSONNode.isSecret(key) ? nil : node.shown(), why: why(key)))
    }
    return losses + children.flatMap { $0.losses(from: base, why: why) }
  }
}
