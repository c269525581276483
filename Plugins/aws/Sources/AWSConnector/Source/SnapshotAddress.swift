import ConnectorProtocol

/// `ebs://snap-…`, or several with commas between them.
enum SnapshotAddress {
  static let scheme = "ebs"
  static let example = "ebs://snap-0123456789abcdef0"
  /// More disks than any machine has.
  static let most = 128

  /// The snapshots that addresses name, in order.
  ///
  /// - Throws: `invalidParams` naming the address that is none.
  static func snapshots(_ addresses: [String]) throws(ConnectorError) -> [String] {
    var found: [String] = []
    for address in addresses {
      guard address.lowercased().hasPrefix(scheme + "://") else { throw wrong(address, "it begins with no ebs://") }
      for part in address.dropFirst(scheme.count + 3).split(separator: ",", omittingEmptySubsequences: false) {
        let id = String(part)
        guard isSnapshot(id) else { throw wrong(address, "'\(id.prefix(60))' is no snapshot's id") }
        guard !found.contains(id) else { throw wrong(address, "\(id) is named twice") }
        found.append(id)
      }
    }
    guard !found.isEmpty, found.count <= most else {
      throw wrong(addresses.first ?? "", "from 1 to \(most) snapshots can be the disks of a machine")
    }
    return found
  }

  private static func isSnapshot(_ id: String) -> Bool {
    let digits = id.utf8.dropFirst(5)
    return id.hasPrefix("snap-") && (8...40).contains(digits.count)
      && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  private static func wrong(_ address: String, _ why: String) -> ConnectorError {
    ConnectorError(
      .invalidParams, "'\(address.prefix(300))' names no snapshots: \(why).",
      remedy: "Write \(example), and further snapshots behind it with commas between them.", outcome: .none)
  }
}
