import ConnectorProtocol
import Foundation
import Support

/// What all dialects have to turn into the neutral words.
enum DraftTools {
  static let counts: ClosedRange<Int64> = 1...4096
  /// The most memory that a description may claim, 64 TiB.
  static let mostMemory: Int64 = 64 << 40

  /// The address as the machine description writes it; nil where it is none, and noted.
  static func mac(_ text: String?, _ findings: inout [String]) -> String? {
    guard let text else { return nil }
    if let mac = MACAddress.normal(text) { return mac }
    findings.append("The MAC address \"\(text.prefix(60))\" is not valid and was left out")
    return nil
  }

  /// `10.1.1.5` with `255.255.255.0` as `10.1.1.5/24`; alone where the mask is none.
  static func address(_ address: String, mask: String?) -> String {
    guard let parts = mask?.split(separator: ".", omittingEmptySubsequences: false), parts.count == 4 else {
      return address
    }
    let bytes = parts.compactMap { UInt8($0) }
    guard bytes.count == 4 else { return address }
    let bits = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let length = 32 - bits.trailingZeroBitCount
    guard bits.nonzeroBitCount == length else { return address }
    return "\(address)/\(length)"
  }

  /// A point in time as platforms write it: RFC 3339, also with `+0000` at its end.
  static func date(_ text: String?) -> Date? {
    guard let text else { return nil }
    if let date = Timestamp.date(text) { return date }
    guard let match = text.wholeMatch(of: #/(.*T.*[+-]\d\d)(\d\d)/#) else { return nil }
    return Timestamp.date("\(match.1):\(match.2)")
  }

  /// The last part of an identifier that is a path.
  static func last(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  /// `size` times `unit` bytes.
  static func bytes(_ size: Int64?, times unit: Int64) -> Int64? {
    guard let size, size >= 0 else { return nil }
    let (product, overflow) = size.multipliedReportingOverflow(by: unit)
    return overflow ? nil : product
  }

  static func memory(_ record: JSONRecord, _ keys: String..., unit: Int64) throws(JSONFault) -> Int64? {
    for key in keys {
      if let count = try record.count(key, in: 1...(mostMemory / unit)) { return count * unit }
    }
    return nil
  }

  static let reasons: [(words: [String], why: String)] = [
    (
      [
        "securitygroup", "affinitygroup", "vpc", "subnet", "publicip", "publicdns", "privatedns", "placement", "zone",
        "location", "networksecurity", "project", "domain", "account", "cluster", "host", "owner",
      ],
      "It belongs to the place that the machine ran in"
    ),
    (
      ["state", "status", "created", "time", "power", "instanceview", "launch"], "It tells of the moment of the export"
    ),
    (
      ["password", "secret", "keypair", "sshkey", "userdata", "customdata", "credential"],
      "It was handed to the guest by the platform that it was taken on"
    ),
    (
      ["offering", "billing", "price", "license", "tier", "iops", "storagetype", "storageaccount"],
      "It is a service of the platform that it was taken on"
    ),
  ]

  /// Why a property is not carried over, told from its name.
  static func why(_ property: String) -> String {
    let words = property.lowercased().filter { $0 != "_" }
    return reasons.first { entry in entry.words.contains { words.contains($0) } }?.why ?? OVFLosses.platformSetting
  }
}
