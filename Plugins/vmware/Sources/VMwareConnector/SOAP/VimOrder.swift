import ConnectorProtocol

/// The order in which elements go: the server reads with a cursor that only moves forward, and refuses whatever comes
/// out of the order in which the API declares it ("Unexpected element tag").
enum VimOrder {
  struct Entry: Sendable {
    var base: String?
    /// Separated by spaces.
    var own: String

    init(_ base: String?, _ own: String) {
      self.base = base
      self.own = own
    }
  }

  /// Properties that may hold any type: what they hold says which.
  static let anyTyped: Set<String> = ["OptionValue.value"]

  /// All properties of a class, those of its base classes first.
  static func properties(of type: String) throws(ConnectorError) -> [Substring] {
    guard let entry = types[type] else {
      throw unknown("There is no class '\(type)' in the tables of this connector.")
    }
    let inherited = try entry.base.map { base throws(ConnectorError) in try properties(of: base) } ?? []
    return inherited + entry.own.split(separator: " ")
  }

  static func parameters(of method: String) throws(ConnectorError) -> [Substring] {
    guard let names = methods[method] else {
      throw unknown("There is no method '\(method)' in the tables of this connector.")
    }
    return names.split(separator: " ")
  }

  static func unknown(_ what: String) -> ConnectorError {
    ConnectorError(.connectorBug, what, remedy: "Report this as a fault of the connector.", outcome: .none)
  }
}
