public import Foundation

/// An identifier that is text on the wire and a type of its own in code.
public protocol TextIdentifier: RawRepresentable, Codable, Hashable, Sendable, CustomStringConvertible
where RawValue == String {
  init(rawValue: String)
}

extension TextIdentifier {
  public init(_ text: String) { self.init(rawValue: text) }
  public var description: String { rawValue }

  public init(from decoder: any Decoder) throws {
    self.init(rawValue: try decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}

/// A restore job of the host; it marks everything that a connector creates for it.
public struct JobID: TextIdentifier {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  /// The first eight characters after the hyphens are dropped: the part that goes into names on the platform.
  public var short: String { String(rawValue.filter { $0 != "-" }.suffix(8)) }
}

/// One operation with an effect on the platform: the idempotency key of every request that changes something.
public struct OperationID: TextIdentifier {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
}

/// A version 7 UUID (RFC 9562): sorts by time of creation, so that rows and names do too.
public enum TimeOrderedUUID {
  public static func make(now: Date = Date()) -> String {
    var bytes = [UInt8](repeating: 0, count: 16)
    var generator = SystemRandomNumberGenerator()
    for index in bytes.indices { bytes[index] = UInt8.random(in: 0...255, using: &generator) }
    let milliseconds = UInt64(max(0, now.timeIntervalSince1970 * 1000))
    for index in 0..<6 { bytes[index] = UInt8(truncatingIfNeeded: milliseconds >> (8 * (5 - UInt64(index)))) }
    bytes[6] = 0x70 | (bytes[6] & 0x0f)
    bytes[8] = 0x80 | (bytes[8] & 0x3f)
    let hex = bytes.map { byte in
      let text = String(byte, radix: 16)
      return byte < 16 ? "0" + text : text
    }
    return [hex[0..<4], hex[4..<6], hex[6..<8], hex[8..<10], hex[10..<16]].map { $0.joined() }.joined(separator: "-")
  }
}
