public import Foundation

/// Moments as services write them: `2026-11-27T12:00:00Z`, with or without a fraction or an offset.
public enum ServiceTime {
  public static func parse(_ text: String) -> Date? {
    var whole = text
    if let dot = whole.firstIndex(of: ".") {
      let end = whole[whole.index(after: dot)...].firstIndex { !$0.isNumber } ?? whole.endIndex
      whole.removeSubrange(dot..<end)
    }
    return try? Date(whole, strategy: .iso8601)
  }
}
