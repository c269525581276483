import Foundation

/// Sizes and times as people read them.
public enum Format {
  /// `1.4 GiB`, `512 B`: three significant digits at most, binary units.
  public static func bytes(_ count: Int64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    var value = Double(count)
    var unit = 0
    while abs(value) >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    let digits = unit == 0 || value >= 100 || value == value.rounded() ? 0 : 1
    return String(format: "%.\(digits)f %@", value, units[unit] as NSString)
  }

  /// `850 ms`, `4.2 s`, `1 min 05 s`, `2 h 03 min`.
  public static func duration(seconds: Double) -> String {
    switch seconds {
    case ..<0: return "0 s"
    case ..<0.9995: return "\(Int((seconds * 1000).rounded())) ms"
    case ..<59.95: return String(format: "%.1f s", seconds)
    case ..<3599.5:
      let whole = Int(seconds.rounded())
      return String(format: "%d min %02d s", whole / 60, whole % 60)
    default:
      let minutes = Int((seconds / 60).rounded())
      return String(format: "%d h %02d min", minutes / 60, minutes % 60)
    }
  }

  /// A rate, `412 MiB/s`.
  public static func rate(bytesPerSecond: Double) -> String {
    bytes(Int64(bytesPerSecond)) + "/s"
  }
}
