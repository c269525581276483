import Foundation

/// Sizes as people read them.
enum ByteSize {
  /// With the largest binary unit that leaves a readable number.
  static func text(_ bytes: Int64) -> String {
    for (name, shift) in [("TiB", Int64(40)), ("GiB", 30), ("MiB", 20), ("KiB", 10)] where bytes >= 1 << shift {
      let value = Double(bytes) / Double(Int64(1) << shift)
      return value == value.rounded() ? "\(Int64(value)) \(name)" : String(format: "%.1f %@", value, name)
    }
    return "\(bytes) bytes"
  }
}
