/// An element of a document that was read: its name without prefix, its attributes, its text and what lies in it.
struct XMLNode: Hashable, Sendable {
  static let xsi = "http://www.w3.org/2001/XMLSchema-instance"

  var name: String
  /// By name without prefix; `xsi:type` is apart, since an element may have a `type` of its own too.
  var attributes: [String: String] = [:]
  /// The class that `xsi:type` names, without prefix.
  var type: String?
  var text = ""
  var children: [XMLNode] = []

  /// The first child of this name.
  subscript(name: String) -> XMLNode? { children.first { $0.name == name } }

  func all(_ name: String) -> [XMLNode] { children.filter { $0.name == name } }

  /// The child at the end of a path: `info.error`.
  func at(_ path: String) -> XMLNode? {
    path.split(separator: ".").reduce(self as XMLNode?) { $0?[String($1)] }
  }

  func string(_ path: String) -> String? { at(path)?.text }
  func int(_ path: String) -> Int64? { string(path).flatMap { Int64($0) } }
  func bool(_ path: String) -> Bool? { string(path).map { $0 == "true" || $0 == "1" } }
  func reference(_ path: String) -> MoRef? { at(path)?.reference }

  /// This element as a reference to a managed object.
  var reference: MoRef? {
    guard let type = attributes["type"], !text.isEmpty else { return nil }
    return MoRef(type, text)
  }

  /// The elements of an array value: `<val xsi:type="ArrayOf…">` holds one child for each.
  var items: [XMLNode] { children }
}
