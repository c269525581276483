import Foundation

/// Something of the server's inventory, with its place in it.
struct Entity: Hashable, Sendable {
  var reference: MoRef
  /// As a person knows it: without the escapes of paths.
  var name: String
  var parent: MoRef?
  /// `/DC0/host/C0/Resources`: names as in the server's own paths, from below the root folder.
  var path = ""
  /// The datacenter it lies in.
  var datacenter: MoRef?
  /// What else was asked for, as read.
  var facts: [String: XMLNode] = [:]

  var id: String { reference.id }

  func string(_ name: String) -> String? { facts[name]?.text }
  func int(_ name: String) -> Int64? { string(name).flatMap { Int64($0) } }
  func bool(_ name: String) -> Bool? { string(name).map { $0 == "true" } }
  func reference(_ name: String) -> MoRef? { facts[name]?.reference }
  func references(_ name: String) -> [MoRef] { facts[name]?.items.compactMap(\.reference) ?? [] }

  /// True for the name, path (with or without its first slash) or id that a person may have written.
  func answers(to text: String) -> Bool {
    if text == name || text == id || text == reference.value { return true }
    guard text.contains("/") else { return false }
    let wanted = text.hasPrefix("/") ? text : "/" + text
    return Self.plain(path) == Self.plain(wanted) || path == wanted
  }

  /// Names in the API have these three escaped.
  static func plain(_ name: String) -> String {
    name.replacingOccurrences(of: "%2f", with: "/", options: .caseInsensitive)
      .replacingOccurrences(of: "%5c", with: "\\", options: .caseInsensitive)
      .replacingOccurrences(of: "%25", with: "%")
  }

  static func escaped(_ name: String) -> String {
    name.replacingOccurrences(of: "%", with: "%25").replacingOccurrences(of: "/", with: "%2f")
      .replacingOccurrences(of: "\\", with: "%5c")
  }
}
