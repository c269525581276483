import Foundation

/// Sizes as people write and read them: `2147483648`, `2GiB`, `512 MiB`.
public enum ByteSize {
  private static let units: [(name: String, shift: Int64)] = [
    ("KIB", 10), ("MIB", 20), ("GIB", 30), ("TIB", 40), ("K", 10), ("M", 20), ("G", 30), ("T", 40), ("B", 0), ("", 0),
  ]

  /// In bytes; nil where it is no size, or too large for one.
  public static func parse(_ text: String) -> Int64? {
    let compact = text.filter { !$0.isWhitespace }.uppercased()
    let digits = compact.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int64(digits), let unit = units.first(where: { $0.name == compact.dropFirst(digits.count) })
    else { return nil }
    let result = number.multipliedReportingOverflow(by: 1 << unit.shift)
    return result.overflow ? nil : result.partialValue
  }

  /// With the largest binary unit that leaves a readable number.
  public static func text(_ bytes: Int64) -> String {
    for (name, shift) in [("TiB", Int64(40)), ("GiB", 30), ("MiB", 20), ("KiB", 10)] where bytes >= 1 << shift {
      let value = Double(bytes) / Double(Int64(1) << shift)
      return value == value.rounded() ? "\(Int64(value)) \(name)" : String(format: "%.1f %@", value, name)
    }
    return "\(bytes) bytes"
  }
}
