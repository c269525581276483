/// Units as OVF writes them: `byte * 2^20`, and the words of older writers.
enum OVFUnits {
  /// The bytes in one unit, or nil where the text is no unit of bytes that is understood.
  static func bytes(_ text: String?) -> Int64? {
    guard let text else { return 1 }
    let words = text.lowercased().filter { !$0.isWhitespace }
    if let named = names[words] { return named }
    var parts = words.split(separator: "*", omittingEmptySubsequences: false)[...]
    guard let unit = parts.popFirst(), unit == "byte" || unit == "bytes" else { return nil }
    var value: Int64 = 1
    for part in parts {
      guard let factor = power(part) else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: factor)
      guard !overflow else { return nil }
      value = product
    }
    return value
  }

  /// `quantity` times `unit`, or nil where either is no sensible number.
  static func bytes(_ quantity: String?, unit: Int64?) -> Int64? {
    guard let quantity, let unit, let count = Int64(quantity), count >= 0 else { return nil }
    let (product, overflow) = count.multipliedReportingOverflow(by: unit)
    return overflow ? nil : product
  }

  private static let names: [String: Int64] = [
    "": 1, "byte": 1, "bytes": 1, "kb": 1 << 10, "kilobytes": 1 << 10, "kilobyte": 1 << 10, "mb": 1 << 20,
    "megabytes": 1 << 20, "megabyte": 1 << 20, "gb": 1 << 30, "gigabytes": 1 << 30, "gigabyte": 1 << 30,
    "tb": 1 << 40, "terabytes": 1 << 40,
  ]

  private static func power(_ text: Substring) -> Int64? {
    let parts = text.split(separator: "^", omittingEmptySubsequences: false)
    guard let base = Int64(parts[0]), base > 0, parts.count <= 2 else { return nil }
    guard parts.count == 2 else { return base }
    guard let exponent = Int(parts[1]), (0...62).contains(exponent) else { return nil }
    var value: Int64 = 1
    for _ in 0..<exponent {
      let (product, overflow) = value.multipliedReportingOverflow(by: base)
      guard !overflow else { return nil }
      value = product
    }
    return value
  }
}
