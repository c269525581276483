import ConnectorKit
import ConnectorProtocol

/// The user's tags: whether AWS takes them, on every resource that they go to and beside the marks there.
struct TagRule: Sendable {
  /// A resource has 50 at most, and a snapshot bears up to nine marks.
  static let most = 40
  /// EBS direct takes less than EC2 does: 127 characters of a key, 255 of a value.
  private static let key = 127
  private static let value = 255

  var mapping: Mapping

  func check(_ findings: inout Findings) {
    check(mapping.tags, sum: mapping.tags.count, at: "/mapping/tags", &findings)
    for (index, disk) in (mapping.disks ?? [:]).sorted(by: { $0.key < $1.key }) {
      guard let tags = disk.tags, !tags.isEmpty else { continue }
      // Those of the machine go onto its disks too.
      let sum = Set(tags.keys).union(mapping.tags.keys).count
      check(tags, sum: sum, at: "/mapping/disks/\(index)/tags", &findings)
    }
  }

  private func check(_ tags: [String: String], sum: Int, at: String, _ findings: inout Findings) {
    if let wrong = tags.filter({ !Self.accepts($0.key, $0.value) }).keys.min() {
      findings.block(
        "tags.invalid",
        "The tag '\(wrong.prefix(Self.key))' cannot be set: a key has up to \(Self.key) characters and does not begin with aws: or ascend:, a value has up to \(Self.value).",
        at: at, action: "Correct the tags.")
    } else if sum > Self.most {
      findings.block(
        "tags.invalid", "There are \(sum) tags, those of the machine included; \(Self.most) are possible.", at: at,
        action: "Leave some tags out.")
    }
  }

  /// What is not taken, for people.
  static let words =
    "EC2 takes \(most) beside its own marks, with keys of up to \(key) characters that do not begin with aws: or ascend:, values of up to \(value), and none named Name"

  static func accepts(_ key: String, _ value: String) -> Bool {
    !key.isEmpty && key.utf16.count <= Self.key && value.utf16.count <= Self.value
      && !["aws:", "ascend:"].contains { key.lowercased().hasPrefix($0) }
  }
}
