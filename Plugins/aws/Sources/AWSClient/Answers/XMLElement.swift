/// An element of an answer that was read: its name without prefix, its text and what lies in it.
public struct XMLElement: Hashable, Sendable {
  public var name: String
  /// Empty where it holds elements.
  public var text: String
  public var children: [XMLElement]

  public init(name: String, text: String = "", children: [XMLElement] = []) {
    self.name = name
    self.text = text
    self.children = children
  }

  /// The first child of this name.
  public subscript(name: String) -> XMLElement? { children.first { $0.name == name } }

  public func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

  /// The element at the end of a path: `instanceState/name`.
  public func at(_ path: String) -> XMLElement? {
    path.split(separator: "/").reduce(self as XMLElement?) { $0?[String($1)] }
  }

  /// The text at the end of a path; nil where there is no such element or it holds nothing.
  public func string(_ path: String) -> String? { at(path).flatMap { $0.text.isEmpty ? nil : $0.text } }
  public func int(_ path: String) -> Int64? { string(path).flatMap { Int64($0) } }
  public func bool(_ path: String) -> Bool? { string(path).map { $0 == "true" || $0 == "1" } }

  /// The members of a list: `items("snapshotSet")` are the `item` elements in it.
  public func items(_ path: String) -> [XMLElement] { at(path)?.all("item") ?? [] }
}
