/// That EC2 has no room for an instance type here and now, in its words: another type may do.
enum Capacity {
  private static let codes: Set<String> = [
    "InsufficientInstanceCapacity", "InsufficientHostCapacity", "InsufficientCapacity", "Unsupported",
    "InsufficientReservedInstanceCapacity",
  ]

  /// - Parameter code: Of an error, or of the reason for a state: `Server.InsufficientInstanceCapacity`.
  static func isLacking(_ code: String?) -> Bool {
    guard let code else { return false }
    let prefix = "Server."
    return codes.contains(code.hasPrefix(prefix) ? String(code.dropFirst(prefix.count)) : code)
  }
}
